package admin

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"

	"github.com/optgate/optgate/internal/bilingual"
)

// text is a sentence in English, which is said in the reader's language.
type text = bilingual.Text

// say says a sentence in the reader's language.
func say(ctx context.Context, t text, args ...any) string { return bilingual.Say(ctx, t, args...) }

// known is say for a sentence that another package has put into English.
func known(ctx context.Context, english string) string { return bilingual.Known(ctx, english) }

// count says a sentence about n things.
func count(ctx context.Context, n int, one, other text, args ...any) string {
	return bilingual.Count(ctx, n, one, other, args...)
}

// number writes a number as the reader's language does.
func number(ctx context.Context, n int) string { return bilingual.Number(ctx, n) }

// percent writes a share, 0 to 1, in whole percent.
func percent(ctx context.Context, share float64) string { return bilingual.Percent(ctx, share) }

// dayOf writes a day that is kept as YYYY-MM-DD.
func dayOf(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return bilingual.Day(ctx, t)
}

// rich is say for a sentence with marks, see [bilingual.Rich].
func rich(t text, args ...any) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, bilingual.Rich(ctx, t, args...))
		return err
	})
}

// bdi is a name in a sentence of [rich] that keeps its own order of letters.
func bdi(name string) bilingual.HTML {
	return bilingual.HTML("<bdi>" + templ.EscapeString(name) + "</bdi>")
}

type placeKey struct{}

// At returns a context for a page at an address of the admin, to which the
// choice of another language leads back.
func At(ctx context.Context, path string) context.Context {
	return context.WithValue(ctx, placeKey{}, path)
}

func place(ctx context.Context) string {
	path, _ := ctx.Value(placeKey{}).(string)
	return path
}
