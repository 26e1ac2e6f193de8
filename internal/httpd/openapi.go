package httpd

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/labstack/echo/v4"
)

// openAPI describes the API, by OpenAPI 3.1.
//
//go:embed openapi.yaml
var openAPI []byte

// openAPIJSON is the same in JSON.
var openAPIJSON = sync.OnceValues(func() ([]byte, error) {
	doc, err := yaml.YAMLToJSON(openAPI)
	if err != nil {
		return nil, fmt.Errorf("httpd: convert openapi.yaml: %w", err)
	}
	return doc, nil
})

// getOpenAPI answers with the description of the API, which is no secret.
func getOpenAPI(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, shortCaching)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	if strings.HasSuffix(c.Path(), ".yaml") {
		return c.Blob(http.StatusOK, typeYAML, openAPI)
	}
	doc, err := openAPIJSON()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, typeJSON, doc)
}
