package httpd

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/optgate/optgate/internal/optgate"
)

// metrics are what an operator watches. No label names a visitor or an address.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	decisions *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "optgate_request_seconds", Help: "Time to answer a request, by route and status.",
			Buckets: []float64{.001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"route", "method", "status"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "optgate_decisions_total", Help: "Decisions recorded by this process.",
		}, []string{"site", "action"}),
	}
	warnings := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "optgate_store_warnings", Help: "Faults in how the store is set up and in what could not be stored; -1: it does not answer. /readyz says which.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), readiness)
		defer cancel()
		all, err := s.warnings(ctx)
		if err != nil {
			return -1
		}
		return float64(len(all))
	})
	m.registry.MustRegister(m.requests, m.decisions, warnings,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// decided counts a decision that was recorded now.
func (m *metrics) decided(r *optgate.Record) {
	m.decisions.WithLabelValues(string(r.Site), string(r.Action)).Inc()
}

// observe times each request. It logs only the route, never the path: a path
// can hold a one-time token.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		took, status := s.Now().Sub(start), c.Response().Status
		method := c.Request().Method
		if !isMethod(method) {
			method = "other"
		}
		s.metrics.requests.WithLabelValues(c.Path(), method, strconv.Itoa(status)).Observe(took.Seconds())
		s.Log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request answered", slog.String("method", method),
			slog.String("route", c.Path()), slog.Int("status", status), slog.Duration("took", took.Round(time.Microsecond)))
		return nil
	}
}

// isMethod reports whether m is a usual method, so that strangers cannot make
// up labels.
func isMethod(m string) bool {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}
