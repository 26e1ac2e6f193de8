package webdriver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"
)

// display is where WebKit draws; it has no mode without one.
var display = &shared{}

// webkitPage is a session of WebKitWebDriver, which starts a browser with an
// empty profile for each. It implements driver.
type webkitPage struct {
	process *process
	url     string // of the session
}

func newWebKit(ctx context.Context) (driver, error) {
	screen, err := display.get(func() (*process, error) {
		// Without -noreset it turns away whoever comes just after the last one left.
		return start(ctx, "OPTGATE_TEST_XVFB", "Xvfb", regexp.MustCompile(`^(\d+)$`), nil,
			"-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset")
	})
	if err != nil {
		return nil, err
	}
	var failures error
	for range attempts {
		w, err := launchWebKit(ctx, screen)
		if err == nil {
			return w, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}

// Now and then the driver waits for a browser that ended at its start; another
// one is started then. The first one on a machine may be long at its start.
const (
	attempts        = 3
	attemptPatience = startPatience / attempts
)

func launchWebKit(ctx context.Context, screen *process) (*webkitPage, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptPatience)
	defer cancel()
	// It takes no port 0 and says nothing.
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// No desktop is there to be asked for settings, fonts or screen readers.
	env := []string{
		"DISPLAY=:" + screen.at, "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1",
		"DBUS_SESSION_BUS_ADDRESS=disabled:", "GSETTINGS_BACKEND=memory", "GIO_USE_VFS=local",
	}
	p, err := start(ctx, "OPTGATE_TEST_WEBKITWEBDRIVER", "WebKitWebDriver", nil, env, "--port="+port)
	if err != nil {
		return nil, err
	}
	w := &webkitPage{process: p, url: "http://127.0.0.1:" + port}
	if err := w.begin(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("%w; it printed %q", err, p.printed())
	}
	return w, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	_ = l.Close() // it only told a number
	return port, err
}

// begin waits until the driver listens and begins a session, in which nothing
// but this machine is reached.
func (w *webkitPage) begin(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for w.call(ctx, http.MethodGet, "/status", nil, nil) != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	nowhere := "127.0.0.1:9"
	var session struct {
		SessionID string `json:"sessionId"`
	}
	err := w.call(ctx, http.MethodPost, "/session", action{"capabilities": action{"alwaysMatch": action{
		"proxy": action{"proxyType": "manual", "httpProxy": nowhere, "sslProxy": nowhere, "noProxy": []string{"127.0.0.1", "localhost"}},
	}}}, &session)
	w.url += "/session/" + session.SessionID
	return err
}

func (w *webkitPage) open(ctx context.Context, url string) error {
	return w.call(ctx, http.MethodPost, "/url", action{"url": url}, nil)
}

func (w *webkitPage) reload(ctx context.Context) error {
	return w.call(ctx, http.MethodPost, "/refresh", action{}, nil)
}

func (w *webkitPage) eval(ctx context.Context, expression string) (json.RawMessage, error) {
	var got struct{ Value, Error string }
	err := w.call(ctx, http.MethodPost, "/execute/async", action{
		"args": []any{},
		"script": `const done = arguments[arguments.length - 1];
			(async () => JSON.stringify(await (` + expression + `)) ?? "null")().then((Value) => done({Value}), (e) => done({Error: e + ""}));`,
	}, &got)
	if err == nil && got.Error != "" {
		err = fmt.Errorf("in the page: %s", got.Error)
	}
	return json.RawMessage(got.Value), err
}

func (w *webkitPage) act(ctx context.Context, sequences []any) error {
	return w.call(ctx, http.MethodPost, "/actions", action{"actions": sequences}, nil)
}

func (w *webkitPage) cookies(ctx context.Context) (cookies []Cookie, err error) {
	return cookies, w.call(ctx, http.MethodGet, "/cookie", nil, &cookies)
}

func (w *webkitPage) close() {
	// The browser ends with its session; else it would stay.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = w.call(ctx, http.MethodDelete, "", nil, nil)
	w.process.stop()
}

// call sends a command and stores its value in into, which may be nil.
func (w *webkitPage) call(ctx context.Context, method, path string, params, into any) error {
	var body bytes.Buffer
	if params != nil {
		if err := json.NewEncoder(&body).Encode(params); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, w.url+path, &body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	switch {
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s", method, path, answer.Value)
	case into == nil:
		return nil
	default:
		return json.Unmarshal(answer.Value, into)
	}
}
