package admin

import (
	"context"
	"fmt"
	"slices"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	view "github.com/optgate/optgate/components/admin"
	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/words"
)

// textSettings is the form for a site's words in the language that a request
// names, or in its default one.
func textSettings(c echo.Context, shown *optgate.Config) (settings, error) {
	lang := c.QueryParam("lang")
	if lang == "" {
		lang = shown.DefaultLanguage()
	}
	if !slices.Contains(shown.Languages, lang) {
		return settings{}, fmt.Errorf("admin: language %.20q of %s: %w", lang, shown.Site, optgate.ErrNotFound)
	}
	return settings{
		path: "/texts?lang=" + lang, name: "Texts",
		values: func(c *optgate.Config) map[string]string { return textValues(c, lang) },
		apply:  func(c *optgate.Config, typed map[string]string) { applyTexts(c, lang, typed) },
		fields: func(ctx context.Context, c *optgate.Config) []field { return textFields(ctx, c, lang) },
		page: func(c echo.Context, p view.EditPage) templ.Component {
			page := view.TextsPage{EditPage: p, Language: lang, Preview: previewOf(c, &p.Revision.Config), Offered: offered(&p.Revision.Config)}
			page.Preview.Typed = "/texts/preview?lang=" + lang
			if c.FormValue("preview-language") == "" {
				page.Preview.Language = lang
			}
			return view.Texts(page)
		},
	}, nil
}

// offered returns the languages that a site does not speak yet.
func offered(c *optgate.Config) []string {
	return slices.DeleteFunc(words.Languages(), func(lang string) bool { return slices.Contains(c.Languages, lang) })
}

// textsIn returns where c has its words for the banner in a language, or -1.
func textsIn(c *optgate.Config, lang string) int {
	return slices.IndexFunc(c.Texts, func(t optgate.Texts) bool { return t.Language == lang })
}

func textValues(c *optgate.Config, lang string) map[string]string {
	values := map[string]string{"title": "", "body": ""}
	if i := textsIn(c, lang); i >= 0 {
		values["title"], values["body"] = c.Texts[i].Title, c.Texts[i].Body
	}
	for _, k := range c.Categories {
		values["title."+string(k.ID)], values["description."+string(k.ID)] = k.Title[lang], k.Description[lang]
	}
	return values
}

func applyTexts(c *optgate.Config, lang string, typed map[string]string) {
	texts := optgate.Texts{Language: lang, Title: typed["title"], Body: typed["body"]}
	i := textsIn(c, lang)
	switch {
	case texts.Title == "" && texts.Body == "":
		c.Texts = slices.DeleteFunc(c.Texts, func(t optgate.Texts) bool { return t.Language == lang })
	case i < 0:
		c.Texts = append(c.Texts, texts)
	default:
		c.Texts[i] = texts
	}
	for i := range c.Categories {
		k := &c.Categories[i]
		k.Title = with(k.Title, map[string]string{lang: typed["title."+string(k.ID)]})
		k.Description = with(k.Description, map[string]string{lang: typed["description."+string(k.ID)]})
	}
}

// textFields are those of the form. What a category lacks in the languages in
// which it is required stands at this one.
func textFields(ctx context.Context, c *optgate.Config, lang string) []field {
	var fields []field
	if i := textsIn(c, lang); i >= 0 {
		path := fmt.Sprintf("texts[%d].", i)
		fields = append(fields, field{path + "title", "title", "Title"}, field{path + "body", "body", "Text"})
	}
	for i, k := range c.Categories {
		path, title := fmt.Sprintf("categories[%d].", i), view.CategoryTitle(ctx, k, c.Languages)
		fields = append(fields,
			field{path + "title." + lang, "title." + string(k.ID), title + ", name"},
			field{path + "title", "title." + string(k.ID), title + ", name"},
			field{path + "description." + lang, "description." + string(k.ID), title + ", meaning"},
			field{path + "description", "description." + string(k.ID), title + ", meaning"},
		)
	}
	return fields
}
