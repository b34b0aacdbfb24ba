// Package push tells people what they should know in time and wakes their
// phones. A notice is first a document in the person's own scope, so it arrives
// by sync whatever becomes of the push; then a message for each of the person's
// devices, sent through Firebase Cloud Messaging where that is configured.
package push
