// Package e2e has no code of its own. Its tests use the whole program as
// visitors, sites and admins do: in a real Chromium, on real stores, with the
// demo's two websites around it and with third parties that tell what reached
// them.
package e2e
