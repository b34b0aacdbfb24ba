package fcmtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// account is a service account and the part of Google that issues access tokens to it.
type account struct {
	key  *rsa.PrivateKey
	file []byte

	mu     sync.Mutex
	issued map[string]bool
}

func newAccount(tokens string) (*account, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": project, "private_key_id": "1",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
		"client_email": "push@" + project + ".example", "token_uri": tokens,
	})
	return &account{key: key, file: file, issued: map[string]bool{}}, err
}

// ServeHTTP exchanges an assertion signed with the account's key for an access token.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || !a.signed(r.PostFormValue("assertion")) {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
		return
	}
	a.mu.Lock()
	token := fmt.Sprintf("access-%d", len(a.issued)+1)
	a.issued[token] = true
	a.mu.Unlock()
	json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
}

func (a *account) signed(assertion string) bool {
	i := strings.LastIndexByte(assertion, '.')
	if i < 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(assertion[i+1:])
	sum := sha256.Sum256([]byte(assertion[:i]))
	return err == nil && rsa.VerifyPKCS1v15(&a.key.PublicKey, crypto.SHA256, sum[:], signature) == nil
}

// knows reports whether a request's Authorization has a token that was issued.
func (a *account) knows(authorization string) bool {
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	return bearer && a.issued[token]
}
