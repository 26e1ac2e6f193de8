package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asOptgate makes this test binary be the program, for tests that need its
// process.
const asOptgate = "OPTGATE_TEST_IS_OPTGATE"

func TestMain(m *testing.M) {
	if os.Getenv(asOptgate) == "1" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"optgate": main})
}

// The commands as an operator meets them, told by the scripts in testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true})
}
