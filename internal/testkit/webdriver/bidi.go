package webdriver

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// bidi is a connection that speaks WebDriver BiDi.
type bidi struct {
	socket *websocket.Conn

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan answer
}

// answer is what comes back for a command.
type answer struct {
	ID             int64
	Type           string
	Error, Message string
	Result         json.RawMessage
}

func dial(ctx context.Context, url string) (*bidi, error) {
	socket, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	socket.SetReadLimit(-1)
	b := &bidi{socket: socket, waiting: map[int64]chan answer{}}
	// It ends with the browser. A command that is given up must not end the
	// connection, as its context would if the command itself read.
	go b.read(context.WithoutCancel(ctx))
	return b, nil
}

// read hands out answers until the connection ends. Events, and answers that
// nobody waits for any more, are dropped.
func (b *bidi) read(ctx context.Context) {
	for {
		var a answer
		if err := wsjson.Read(ctx, b.socket, &a); err != nil {
			return
		}
		if waiting := b.wait(a.ID, nil); waiting != nil {
			waiting <- a
		}
	}
}

// wait sets who waits for the answer to a command and returns who did before.
func (b *bidi) wait(id int64, c chan answer) chan answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.waiting[id]
	if delete(b.waiting, id); c != nil {
		b.waiting[id] = c
	}
	return before
}

func (b *bidi) next() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	return b.last
}

// call sends a command and stores its result in into, which may be nil.
func (b *bidi) call(ctx context.Context, method string, params, into any) error {
	id, got := b.next(), make(chan answer, 1)
	b.wait(id, got)
	defer b.wait(id, nil)
	if err := wsjson.Write(ctx, b.socket, action{"id": id, "method": method, "params": params}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case a := <-got:
		if a.Type == "error" {
			return fmt.Errorf("%s: %s: %s", method, a.Error, a.Message)
		}
		if into == nil {
			return nil
		}
		return json.Unmarshal(a.Result, into)
	}
}
