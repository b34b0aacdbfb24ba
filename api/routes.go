package api

import "github.com/gofiber/fiber/v2"

// route registers everything that is served. It uses Add rather than Get,
// which would answer HEAD as well, and so open a stream for it.
func (a *API) route() {
	a.app.Use(a.observe)

	a.app.Add(fiber.MethodPost, "/v1/sync", a.alsoWiped(a.sync))
	a.app.Add(fiber.MethodGet, "/v1/sync/stream", a.alsoWiped(a.stream))
	a.app.Add(fiber.MethodGet, "/v1/schema", a.showSchema)

	a.app.Add(fiber.MethodPost, "/v1/sign-in", a.signIn)
	a.app.Add(fiber.MethodPost, "/v1/enrol", a.enrol)
	a.app.Add(fiber.MethodPost, "/v1/refresh", a.refresh)
	a.app.Add(fiber.MethodPost, "/v1/sign-out", a.as(a.signOut))
	a.app.Add(fiber.MethodGet, "/v1/me", a.as(a.showMe))
	a.app.Add(fiber.MethodGet, "/v1/devices", a.as(a.listDevices))
	a.app.Add(fiber.MethodDelete, "/v1/devices/:id", a.as(a.revokeDevice))
	a.app.Add(fiber.MethodPost, "/v1/devices/:id/wipe", a.as(a.wipeDevice))
	a.app.Add(fiber.MethodPost, "/v1/people/:id/codes", a.as(a.issueCode))

	a.app.Add(fiber.MethodGet, "/v1/conflicts", a.as(a.listConflicts))
	a.app.Add(fiber.MethodGet, "/v1/conflicts/:scope/:id", a.as(a.showConflict))
	a.app.Add(fiber.MethodPost, "/v1/conflicts/:scope/:id/resolve", a.as(a.resolveConflict))
	a.app.Add(fiber.MethodPost, "/v1/conflicts/:scope/:id/effect", a.as(a.showEffect))
	a.app.Add(fiber.MethodPost, "/v1/rejections/:scope/:id/apply", a.as(a.applyRejection))
	a.app.Add(fiber.MethodPost, "/v1/rejections/:scope/:id/dismiss", a.as(a.dismissRejection))
	a.app.Add(fiber.MethodGet, "/v1/documents/:scope/:id/merge", a.as(a.showDifferences))
	a.app.Add(fiber.MethodPost, "/v1/documents/:scope/:id/merge", a.as(a.merge))
	a.app.Add(fiber.MethodGet, "/v1/documents/:scope/:id", a.as(a.showDocument))
	a.app.Add(fiber.MethodGet, "/v1/documents/:scope/:id/history", a.as(a.showHistory))
	a.app.Add(fiber.MethodGet, "/v1/rankings", a.as(a.showRanking))
	a.app.Add(fiber.MethodPost, "/v1/rankings", a.as(a.announceRanking))
	a.app.Add(fiber.MethodGet, "/v1/reconciliation", a.as(a.showReconciliation))
	a.app.Add(fiber.MethodPost, "/v1/criteria/:id/migrate", a.as(a.migrateSheets))
	a.app.Add(fiber.MethodPost, "/v1/periods/:id/timetable", a.as(a.setTimetable))
	a.app.Add(fiber.MethodPost, "/v1/units/:id/transfer", a.as(a.transferSheet))

	a.app.Add(fiber.MethodPut, "/v1/push-token", a.as(a.setPushToken))
	a.app.Add(fiber.MethodDelete, "/v1/push-token", a.as(a.dropPushToken))
	a.app.Add(fiber.MethodPost, "/v1/notices/test", a.as(a.testNotice))
	a.app.Add(fiber.MethodGet, "/v1/reminders", a.as(a.listReminders))

	a.app.Add(fiber.MethodGet, "/app", a.openApp)
	a.app.Add(fiber.MethodGet, "/app/", a.showPage)
	a.app.Add(fiber.MethodGet, "/app/:file", a.showFile)
	a.app.Add(fiber.MethodGet, "/app/assets/:file", a.showAsset)

	a.app.Add(fiber.MethodGet, "/.well-known/jwks.json", a.showKeys)
	a.app.Add(fiber.MethodGet, "/healthz", a.showHealth)
	a.app.Add(fiber.MethodGet, "/readyz", a.showReadiness)
	a.app.Add(fiber.MethodGet, "/metrics", a.showMetrics)
	a.app.Add(fiber.MethodGet, "/openapi.yaml", a.showContract)
}
