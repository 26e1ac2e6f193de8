package browser

import "github.com/chromedp/cdproto/emulation"

// Scripts turns JavaScript on or off, from the next page on.
func (p *Page) Scripts(on bool) {
	p.t.Helper()
	call(p, "turn scripts on or off", emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: !on})
}
