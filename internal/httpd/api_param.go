package httpd

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// numberParam returns a query parameter that is a number from 1 on; otherwise if
// it is not given.
func numberParam(c echo.Context, name string, otherwise int) (int, error) {
	if !c.QueryParams().Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(c.QueryParam(name))
	if err != nil || n < 1 {
		return 0, refuseField(http.StatusBadRequest, name, "is a number from 1 on")
	}
	return n, nil
}

// dayParam returns a query parameter that is a day, as its start in UTC;
// otherwise if it is not given.
func dayParam(c echo.Context, name string, otherwise time.Time) (time.Time, error) {
	if !c.QueryParams().Has(name) {
		return otherwise.Truncate(24 * time.Hour), nil
	}
	day, err := time.Parse(time.DateOnly, c.QueryParam(name))
	if err != nil {
		return day, refuseField(http.StatusBadRequest, name, "is a day such as 2026-12-01")
	}
	return day, nil
}

// timeParam returns a query parameter that is a day or a time.
func timeParam(c echo.Context, name string) (time.Time, error) {
	text := c.QueryParam(name)
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		return t, refuseField(http.StatusBadRequest, name, "is a day such as 2026-12-01, or a time such as 2026-12-01T08:00:00Z")
	}
	return t, nil
}

// flagParam returns a query parameter that is yes or no; alone it is yes.
func flagParam(c echo.Context, name string) (bool, error) {
	if !c.QueryParams().Has(name) {
		return false, nil
	}
	switch c.QueryParam(name) {
	case "", "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, refuseField(http.StatusBadRequest, name, "is true or false")
}
