package mongo

import (
	"context"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"thidua/internal/hub"
	"thidua/sync"
)

// A storedMessage is a message to a device as a document of the collection
// messages. Claim names the call of Claim that took it, or of Arm that armed it, last.
type storedMessage struct {
	ID       string `bson:"_id"`
	Device   string `bson:"device"`
	Person   string `bson:"person"`
	Kind     string `bson:"kind"`
	Notice   string `bson:"notice"`
	Title    string `bson:"title"`
	Body     string `bson:"body"`
	Urgent   bool   `bson:"urgent"`
	Expires  int64  `bson:"expires"`
	State    string `bson:"state"`
	Next     int64  `bson:"next"`
	Attempts int64  `bson:"attempts"`
	Round    int64  `bson:"round"`
	Reason   string `bson:"reason"`
	At       int64  `bson:"at"`
	Claim    string `bson:"claim,omitempty"`
}

func storeMessage(m hub.Message) storedMessage {
	return storedMessage{
		ID: m.ID, Device: string(m.Device), Person: string(m.Person), Kind: m.Kind, Notice: string(m.Notice), Title: m.Title, Body: m.Body,
		Urgent: m.Urgent, Expires: m.Expires, State: m.State, Next: m.Next, Attempts: int64(m.Attempts), Round: int64(m.Round), Reason: string(m.Reason), At: m.At,
	}
}

func (m storedMessage) message() hub.Message {
	return hub.Message{
		ID: m.ID, Device: sync.DeviceID(m.Device), Person: sync.PersonID(m.Person), Kind: m.Kind, Notice: sync.DocID(m.Notice), Title: m.Title, Body: m.Body,
		Urgent: m.Urgent, Expires: m.Expires, State: m.State, Next: m.Next, Attempts: int(m.Attempts), Round: int(m.Round), Reason: sync.Code(m.Reason), At: m.At,
	}
}

// over returns what a silent message becomes that is armed over another.
func (m storedMessage) over(held storedMessage, apart int64) storedMessage {
	waits := held.State == hub.PushWaiting
	if waits && held.Attempts == 0 { // nobody has taken it
		held.Person, held.Expires = m.Person, m.Expires
		return held
	}
	m.Round, m.Next = held.Round+1, max(m.Next, held.At+apart)
	if waits && held.Reason != "" {
		m.Next = max(m.Next, held.Next)
	}
	return m
}

// asRead returns a filter that finds a message only while nobody has claimed,
// finished or armed it since it was read.
func (m storedMessage) asRead() bson.D {
	return bson.D{
		{Key: "_id", Value: m.ID},
		{Key: "state", Value: m.State},
		{Key: "next", Value: m.Next},
		{Key: "attempts", Value: m.Attempts},
		{Key: "round", Value: m.Round},
		{Key: "person", Value: m.Person},
		{Key: "expires", Value: m.Expires},
	}
}

// Enqueue adds messages; one whose ID is there is left as it is.
func (s *Store) Enqueue(ctx context.Context, messages []hub.Message) error {
	rows := make([]storedMessage, len(messages))
	for i, m := range messages {
		rows[i] = storeMessage(m)
	}
	return wrap(ctx, add(ctx, s, s.messages, rows), "enqueue messages")
}

// Arm adds silent messages, or makes those that are not waiting wait again:
// with the given fields, Attempts 0 and Round one higher, and Next no earlier
// than apart after At, nor than it was if the last attempt failed. Of one that
// nobody has taken since it was armed only Person and Expires are set; one
// that somebody is sending is armed all the same.
func (s *Store) Arm(ctx context.Context, messages []hub.Message, apart int64) error {
	return wrap(ctx, s.arm(ctx, messages, apart), "arm messages")
}

// arm looks at all the messages and writes them in one go, and again those that
// others wrote meanwhile. One that was armed and taken at once may be armed
// twice: the phone is told to sync once more.
func (s *Store) arm(ctx context.Context, messages []hub.Message, apart int64) error {
	left := make(map[string]storedMessage, len(messages))
	for _, m := range messages {
		m.State, m.Attempts, m.Round = hub.PushWaiting, 0, 1
		left[m.ID] = storeMessage(m)
	}
	for range maxTurns {
		ids := slices.Sorted(maps.Keys(left))
		found, err := named[storedMessage](ctx, s, s.messages, ids)
		if err != nil || len(left) == 0 {
			return err
		}
		held := make(map[string]storedMessage, len(found))
		for _, m := range found {
			held[m.ID] = m
		}
		writes, mark := make([]mongo.WriteModel, len(ids)), bson.NewObjectID().Hex()
		for i, id := range ids {
			m := left[id]
			h, there := held[id]
			if there {
				m = m.over(h, apart)
			}
			m.Claim = mark
			if there {
				writes[i] = mongo.NewReplaceOneModel().SetFilter(h.asRead()).SetReplacement(m)
			} else {
				writes[i] = mongo.NewInsertOneModel().SetDocument(m)
			}
		}
		done, err := s.bulk(ctx, s.messages, writes)
		if err != nil || done == int64(len(writes)) {
			return err
		}
		if found, err = named[storedMessage](ctx, s, s.messages, ids); err != nil {
			return err
		}
		for _, m := range found {
			if m.Claim == mark {
				delete(left, m.ID)
			}
		}
	}
	return errTurns
}

// Claim takes up to limit waiting messages whose Next is not after now, the
// earliest first, by raising Next to until and Attempts by one. Of several
// callers each message is taken by one.
func (s *Store) Claim(ctx context.Context, now, until int64, limit int) ([]hub.Message, error) {
	if limit <= 0 { // which the server takes for no limit
		return nil, ctx.Err()
	}
	found, err := all[storedMessage](ctx, s, s.messages, bson.D{{Key: "state", Value: hub.PushWaiting}, {Key: "next", Value: bson.D{{Key: "$lte", Value: now}}}},
		options.Find().SetSort(bson.D{{Key: "next", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	if err == nil && len(found) > 0 {
		found, err = s.take(ctx, found, until)
	}
	messages := make([]hub.Message, len(found))
	for i, m := range found {
		messages[i] = m.message()
	}
	return messages, wrap(ctx, err, "claim messages")
}

// take claims messages, each by one guarded update, all in one round trip. The
// answer only says how many it got; if others were at the same, it looks which.
func (s *Store) take(ctx context.Context, found []storedMessage, until int64) ([]storedMessage, error) {
	claim := bson.NewObjectID().Hex()
	writes, ids := make([]mongo.WriteModel, len(found)), make([]string, len(found))
	for i := range found {
		m := &found[i]
		writes[i] = mongo.NewUpdateOneModel().SetFilter(m.asRead()).SetUpdate(bson.D{{Key: "$set", Value: bson.D{
			{Key: "next", Value: until}, {Key: "attempts", Value: m.Attempts + 1}, {Key: "claim", Value: claim},
		}}})
		m.Next, m.Attempts, ids[i] = until, m.Attempts+1, m.ID
	}
	taken, err := s.bulk(ctx, s.messages, writes)
	if err != nil {
		return nil, err
	}
	if taken == int64(len(found)) {
		return found, nil
	}
	found, err = named[storedMessage](ctx, s, s.messages, ids)
	mine := found[:0]
	for _, m := range found {
		if m.Claim == claim {
			mine = append(mine, m)
		}
	}
	return mine, err
}

// bulk carries out writes in any order and returns how many did something: an
// update may find nothing, and what is to be added may be there.
func (s *Store) bulk(ctx context.Context, c *mongo.Collection, writes []mongo.WriteModel) (int64, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	result, err := c.BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(false))
	if err = exceptDuplicates(err); err != nil {
		return 0, err
	}
	return result.MatchedCount + result.InsertedCount, nil
}

// Finish sets State, Next, Reason and At of a claimed message; hub.ErrChanged
// if it was claimed or armed since, hub.ErrNotFound if it is gone.
func (s *Store) Finish(ctx context.Context, m hub.Message) error {
	err := s.swap(ctx, s.messages,
		bson.D{{Key: "_id", Value: m.ID}, {Key: "attempts", Value: int64(m.Attempts)}, {Key: "round", Value: int64(m.Round)}},
		bson.D{{Key: "state", Value: m.State}, {Key: "next", Value: m.Next}, {Key: "reason", Value: string(m.Reason)}, {Key: "at", Value: m.At}})
	return wrap(ctx, err, "finish message %s", m.ID)
}

// Queue returns how many messages are in each state, and Next of the earliest
// waiting one, 0 if none waits.
func (s *Store) Queue(ctx context.Context) (counts map[string]int, next int64, err error) {
	counts = map[string]int{}
	for _, state := range []string{hub.PushWaiting, hub.PushSent, hub.PushSkipped} {
		n, err := s.count(ctx, s.messages, bson.D{{Key: "state", Value: state}})
		if err != nil {
			return nil, 0, wrap(ctx, err, "queue of messages")
		}
		if n > 0 {
			counts[state] = int(n)
		}
	}
	first, err := all[storedMessage](ctx, s, s.messages, bson.D{{Key: "state", Value: hub.PushWaiting}},
		options.Find().SetSort(bson.D{{Key: "next", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(1))
	if len(first) > 0 {
		next = first[0].Next
	}
	return counts, next, wrap(ctx, err, "queue of messages")
}

func (s *Store) count(ctx context.Context, c *mongo.Collection, filter bson.D) (int64, error) {
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	return c.CountDocuments(ctx, filter)
}

// Prune removes messages whose At is before a time, those that wait only if
// their Expires is too.
func (s *Store) Prune(ctx context.Context, before int64) error {
	old := bson.D{{Key: "$lt", Value: before}}
	for _, done := range []bson.E{
		{Key: "state", Value: bson.D{{Key: "$in", Value: bson.A{hub.PushSent, hub.PushSkipped}}}},
		{Key: "expires", Value: old},
	} {
		if err := s.remove(ctx, s.messages, bson.D{done, {Key: "at", Value: old}}); err != nil {
			return wrap(ctx, err, "prune messages")
		}
	}
	return nil
}

// Messages returns up to limit messages in order of ID, from the first one
// whose ID is greater than after.
func (s *Store) Messages(ctx context.Context, after string, limit int) ([]hub.Message, error) {
	found, err := page[storedMessage](ctx, s, s.messages, "_id", after, limit)
	messages := make([]hub.Message, len(found))
	for i, m := range found {
		messages[i] = m.message()
	}
	return messages, wrap(ctx, err, "messages")
}

// PutMessage stores a message as it is, in the place of any of the same ID. It
// is for a copy of a queue that nobody sends from.
func (s *Store) PutMessage(ctx context.Context, m hub.Message) error {
	return wrap(ctx, s.store(ctx, s.messages, m.ID, storeMessage(m)), "put message %s", m.ID)
}

// RemoveMessage removes a message if it is there, whatever its state.
func (s *Store) RemoveMessage(ctx context.Context, id string) error {
	return wrap(ctx, s.remove(ctx, s.messages, bson.D{{Key: "_id", Value: id}}), "remove message %s", id)
}
