package mongo_test

import (
	"testing"

	"thidua/internal/hub/storetest"
	"thidua/internal/mongo/mongotest"
)

func TestStoreKeepsTheContractOfPush(t *testing.T) {
	storetest.RunPush(t, func(t *testing.T) storetest.Push { return openAt(t, mongotest.URI(t)) })
}

func TestStoreKeepsTheContractOfAMovedQueue(t *testing.T) {
	storetest.RunMovedPush(t, func(t *testing.T) storetest.MovedPush { return openAt(t, mongotest.URI(t)) })
}
