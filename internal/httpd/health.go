package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// readiness is how long the store may take to answer a probe.
const readiness = 2 * time.Second

// getHealth answers that the process lives.
func (s *Server) getHealth(c echo.Context) error {
	return sendJSON(c, http.StatusOK, map[string]string{"status": "ok", "version": s.Version})
}

// getReady answers whether the server can record, and what is wrong with how
// its store is set up.
func (s *Server) getReady(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readiness)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		return &unavailable{err}
	}
	warnings, err := s.warnings(ctx)
	if err != nil {
		return &unavailable{err}
	}
	if warnings == nil {
		warnings = []string{}
	}
	return sendJSON(c, http.StatusOK, map[string]any{"status": "ready", "warnings": warnings})
}

// warnings says what is wrong with how the store is set up, and with what this
// process could not store.
func (s *Server) warnings(ctx context.Context) ([]string, error) {
	all, err := s.Store.Warnings(ctx)
	return append(all, s.Registry.Warnings()...), err
}
