package main

import "testing"

// What is paused by one command is paused for all that open the store, also when
// it has moved, until another command resumes it.
func TestPause(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	runOptgate(t, "apply", "--data", here, "-f", "../../examples/tiertime.yaml")
	on := func(command, dir string, more ...string) []string {
		return append([]string{command, "--data", dir, "--site", "tiertime"}, more...)
	}
	wantSaid(t, string(runOptgate(t, on("pause", here)...)), "nothing is paused")
	wantSaid(t, string(runOptgate(t, on("pause", here, "--category", "marketing", "--reason", "a complaint")...)), "category marketing is paused")
	wantSaid(t, string(runOptgate(t, on("pause", here, "--category", "marketing")...)), "was paused already")
	wantSaid(t, string(runOptgate(t, on("pause", here, "--tag", "ads-pixel")...)), "tag ads-pixel is paused")
	for range 2 { // a migration can be repeated
		runOptgate(t, "migrate", "--from-data", here, "--data", there)
	}
	listed := string(runOptgate(t, on("pause", there)...))
	wantSaid(t, listed, "category marketing is paused since")
	wantSaid(t, listed, "by optgate pause  a complaint")
	wantSaid(t, listed, "tag ads-pixel is paused since")
	wantSaid(t, string(runOptgate(t, on("resume", there, "--category", "marketing")...)), "category marketing loads again")
	wantSaid(t, string(runOptgate(t, on("resume", there, "--category", "marketing")...)), "was not paused")

	wantSaid(t, failOptgate(t, on("pause", here, "--category", "essential")...), "pause its tags instead")
	wantSaid(t, failOptgate(t, on("pause", here, "--tag", "nothing")...), "a tag that the site does not have")
	wantSaid(t, failOptgate(t, on("pause", here, "--tag", "ads-pixel", "--category", "marketing")...), "is about a category or about a tag")
	wantSaid(t, failOptgate(t, on("resume", here)...), "needs what is to be resumed")
}
