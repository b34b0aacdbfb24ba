package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"thidua/internal/push"
)

const firebaseUsage = "tệp khóa tài khoản dịch vụ Firebase (JSON), trống: chỉ báo trong hộp thư / key file of a Firebase service account (JSON), empty: notices go to the inbox only"

// credentialsTime bounds asking Google about the credentials: without a network
// the server starts all the same.
const credentialsTime = 10 * time.Second

// pushService returns what messages are sent through, nil if there is nothing
// or nothing good, and a line that says which. Whatever is wrong with it is no
// reason not to serve: phones sync without.
func pushService(ctx context.Context, file string) (push.Service, string) {
	if file == "" {
		return nil, "Chưa có khóa Firebase: thông báo chỉ vào hộp thư trong ứng dụng, không đẩy tới máy (--firebase TỆP).\n" +
			"No Firebase credentials: notices go to the inbox in the app only, nothing is pushed (--firebase FILE)."
	}
	fcm, err := firebase(file)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, credentialsTime)
		defer cancel()
		err = fcm.Check(ctx)
	}
	switch {
	case err == nil:
		return fcm, "Đẩy thông báo qua Firebase: sẵn sàng / pushing through Firebase: ready"
	case fcm != nil && !errors.Is(err, push.ErrCredentials):
		return fcm, fmt.Sprintf("Chưa hỏi được Google về khóa Firebase; thông báo sẽ đợi và được gửi khi có mạng.\n"+
			"Google cannot be asked about the Firebase credentials now; pushes wait until it can: %v", err)
	}
	return nil, fmt.Sprintf("KHÓA FIREBASE SAI: không đẩy được thông báo, chỉ báo trong hộp thư; đồng bộ không bị ảnh hưởng. Hãy kiểm tra %s.\n"+
		"WRONG FIREBASE CREDENTIALS: nothing is pushed, notices go to the inbox only; syncing is not affected. See to %s: %v", file, file, err)
}

func firebase(file string) (*push.FCM, error) {
	key, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", push.ErrCredentials, err)
	}
	return push.NewFCM(push.FCMConfig{Credentials: key, Now: time.Now})
}
