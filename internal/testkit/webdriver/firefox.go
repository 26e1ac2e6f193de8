package webdriver

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// firefox is the Firefox that the tests of a package share. Each of their pages
// is in a user context, a profile as far as pages can tell.
var firefox = &firefoxBrowser{}

type firefoxBrowser struct {
	shared
	session *bidi
}

// preferences keep Firefox from talking to anything but this machine, and from
// what a person sees at the first start.
const preferences = `
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("app.update.auto", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("termsofuse.acceptedVersion", 999);
`

// launch starts Firefox and its session, unless they are there.
func (f *firefoxBrowser) launch(ctx context.Context) (*bidi, error) {
	p, err := f.get(func() (*process, error) {
		profile, err := os.MkdirTemp("", "optgate-firefox-")
		if err != nil {
			return nil, err
		}
		f.more = func() { _ = os.RemoveAll(profile) } // a temporary directory
		if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600); err != nil {
			return nil, err
		}
		says := regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)
		return start(ctx, "OPTGATE_TEST_FIREFOX", "firefox-esr", says, nil,
			"-headless", "-no-remote", "-profile", profile, "-remote-debugging-port", "0", "-width", "1280", "-height", "800")
	})
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.session == nil {
		s, err := dial(ctx, p.at+"/session")
		if err != nil {
			return nil, err
		}
		if err := s.call(ctx, "session.new", action{"capabilities": action{}}, nil); err != nil {
			return nil, err
		}
		f.session = s
	}
	return f.session, nil
}

// firefoxPage is a tab. It implements driver.
type firefoxPage struct {
	*bidi
	profile, tab string
}

func newFirefox(ctx context.Context) (driver, error) {
	session, err := firefox.launch(ctx)
	if err != nil {
		return nil, err
	}
	p := &firefoxPage{bidi: session}
	var profile struct {
		UserContext string `json:"userContext"`
	}
	if err := session.call(ctx, "browser.createUserContext", action{}, &profile); err != nil {
		return nil, err
	}
	p.profile = profile.UserContext
	var tab struct {
		Context string `json:"context"`
	}
	if err := session.call(ctx, "browsingContext.create", action{"type": "tab", "userContext": p.profile}, &tab); err != nil {
		return nil, err
	}
	p.tab = tab.Context
	viewport := action{"context": p.tab, "viewport": action{"width": 1280, "height": 800}}
	return p, session.call(ctx, "browsingContext.setViewport", viewport, nil)
}

func (p *firefoxPage) open(ctx context.Context, url string) error {
	return p.call(ctx, "browsingContext.navigate", action{"context": p.tab, "url": url, "wait": "complete"}, nil)
}

func (p *firefoxPage) reload(ctx context.Context) error {
	return p.call(ctx, "browsingContext.reload", action{"context": p.tab, "wait": "complete"}, nil)
}

func (p *firefoxPage) eval(ctx context.Context, expression string) (json.RawMessage, error) {
	var got struct {
		Result struct {
			Value string `json:"value"`
		} `json:"result"`
		ExceptionDetails struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	err := p.call(ctx, "script.evaluate", action{
		"expression":   "(async () => JSON.stringify(await (" + expression + ")) ?? 'null')()",
		"target":       action{"context": p.tab},
		"awaitPromise": true,
	}, &got)
	if err == nil && got.ExceptionDetails.Text != "" {
		err = fmt.Errorf("in the page: %s", got.ExceptionDetails.Text)
	}
	return json.RawMessage(got.Result.Value), err
}

func (p *firefoxPage) act(ctx context.Context, sequences []any) error {
	return p.call(ctx, "input.performActions", action{"context": p.tab, "actions": sequences}, nil)
}

func (p *firefoxPage) cookies(ctx context.Context) ([]Cookie, error) {
	var got struct{ Cookies []Cookie }
	err := p.call(ctx, "storage.getCookies", action{"partition": action{"type": "context", "context": p.tab}}, &got)
	return got.Cookies, err
}

func (p *firefoxPage) close() {
	// The tab goes with its profile; if that fails, both go with the browser.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = p.call(ctx, "browser.removeUserContext", action{"userContext": p.profile}, nil)
}
