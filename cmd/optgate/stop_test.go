package main

import (
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that never finishes makes stopping neither fail nor last for ever.
func TestStopCutsOffSlowClients(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, cut := make(chan struct{}), make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(cut)
	})}
	go func() { _ = server.Serve(l) }()
	go func() {
		if r, err := http.Get("http://" + l.Addr().String()); err == nil {
			_ = r.Body.Close()
		}
	}()
	<-begun
	var logs strings.Builder
	w := &world{log: slog.New(slog.NewTextHandler(&logs, nil))}
	if err := w.stop(t.Context(), server, 20*time.Millisecond); err != nil {
		t.Errorf("stopping failed: %v", err)
	}
	select {
	case <-cut:
	case <-time.After(10 * time.Second):
		t.Error("the client is still served")
	}
	if !strings.Contains(logs.String(), "slow clients") {
		t.Errorf("the log says nothing of it: %s", logs.String())
	}
}
