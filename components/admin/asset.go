package admin

import "github.com/optgate/optgate/static"

// asset returns the address of a file of ours, which changes with its content.
func asset(name string) string { return "/static/" + static.Hashed(name) }
