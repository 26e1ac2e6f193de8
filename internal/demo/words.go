package demo

import "github.com/optgate/optgate/internal/optgate"

// A shop is one of the two sites.
type shop struct {
	ID       optgate.SiteID
	Name     string
	Other    optgate.SiteID // the company's other site
	Heroes   map[string]hero
	Products []product
	Thread   thread
	Film     film
}

// A hero is the headline of a site's first page, in one language.
type hero struct{ Title, Lede string }

// A product is something in the store. Prices are in whole euros.
type product struct {
	ID, Name, About, Art string
	Price                int
}

// A thread is a discussion of the forum. What is below it comes from a vendor.
type thread struct{ Title, Author, Text, Reply, ReplyAuthor string }

// A film is a tutorial that a vendor plays.
type film struct{ Title, About string }

var shops = map[optgate.SiteID]shop{
	"tiertime": {
		ID: "tiertime", Name: "Tiertime", Other: "cetus3d",
		Heroes: map[string]hero{
			"en": {"Drawn this morning. Printed tonight.", "3D printers for the desk. They level themselves, close the door behind them and get on with it."},
			"de": {"Morgens gezeichnet. Abends gedruckt.", "3D-Drucker für den Schreibtisch. Sie richten sich selbst aus, machen die Tür hinter sich zu und drucken."},
			"ar": {"ارسمها صباحًا، واطبعها مساءً.", "طابعات ثلاثية الأبعاد للمكتب: تضبط نفسها، وتغلق بابها، وتبدأ العمل."},
		},
		Products: []product{
			{"box-200", "Box 200", "Closed, quiet, ready in four minutes.", "box", 899},
			{"box-300", "Box 300", "The same with room for a helmet.", "box", 1790},
			{"abs", "ABS, 1 kg", "Tough parts that take the heat.", "spool", 29},
			{"nozzle", "Nozzle, 0.4 mm", "Hardened steel. Lasts for years.", "nozzle", 18},
			{"plate", "Flex plate", "Bend it, and the part lets go.", "plate", 39},
			{"vase", "Sample vase", "One wall, 212 layers, no support.", "vase", 12},
		},
		Thread: thread{
			Title: "ABS lifts at one corner", Author: "Mei",
			Text:  "Large flat part, Box 200, door closed. Always the same corner, front left. What do you do?",
			Reply: "Clean the plate with alcohol and give it a brim of 8 mm. If it is really always that corner, run the levelling once more while the bed is hot.", ReplyAuthor: "Jonas, support",
		},
		Film: film{"Change the nozzle in three minutes", "A spanner, a warm nozzle and no hurry: how to change it without leaking plastic."},
	},
	"cetus3d": {
		ID: "cetus3d", Name: "Cetus3D", Other: "tiertime",
		Heroes: map[string]hero{
			"en": {"Small printer. Serious parts.", "Three rails, one arm, nothing to hide. It fits on a bookshelf and works like a machine."},
			"de": {"Kleiner Drucker. Ernste Teile.", "Drei Schienen, ein Arm, nichts zu verbergen. Er passt ins Regal und arbeitet wie eine Maschine."},
			"ar": {"طابعة صغيرة، وقطع جادّة.", "ثلاث سكك وذراع واحدة ولا شيء تخفيه. تتسع لها رفوف الكتب وتعمل كآلة حقيقية."},
		},
		Products: []product{
			{"arm-180", "Arm 180", "The open printer. Assembled in ten minutes.", "arm", 349},
			{"arm-kit", "Arm kit", "The same in parts, with a good manual.", "arm", 279},
			{"pla", "PLA, 1 kg", "Prints at once, smells of nothing.", "spool", 24},
			{"nozzle", "Nozzle, 0.2 mm", "For letters that you can read.", "nozzle", 16},
			{"plate", "Warm plate", "Holds the first layer, then lets go.", "plate", 49},
			{"vase", "Sample vase", "One wall, 212 layers, no support.", "vase", 12},
		},
		Thread: thread{
			Title: "Lamp shade in one piece?", Author: "Noor",
			Text:  "It is 20 mm higher than the arm reaches. Cut it, or is there a trick?",
			Reply: "Cut it where the pattern has a seam anyway, and leave three pins. Glued, nobody finds the line.", ReplyAuthor: "Ana, support",
		},
		Film: film{"From the box to the first print", "Ten minutes, one hex key. What to tighten, what to leave alone, and how the first layer should look."},
	},
}

// words are what every page of both sites says, in one language.
type words struct {
	Lang, Dir                          string
	Demo, Received, OtherSite          string
	Skip, Home, Store, Video, Forum    string
	Basket, Policy, Choices, ToStore   string
	Watch, LastTime, LastText, Company string
	Points                             []point
}

// A point is a reason to buy.
type point struct{ Title, Text string }

var languages = map[string]words{
	"en": {
		Lang: "en", Dir: "ltr",
		Demo: "A demo: nothing here is for sale.", Received: "What trackers received", OtherSite: "The other site",
		Skip: "Skip to content", Home: "Home", Store: "Store", Video: "Tutorials", Forum: "Forum",
		Basket: "Basket", Policy: "Privacy policy", Choices: "Privacy choices", ToStore: "See the printers",
		Watch: "Watch one work", LastTime: "Last time you looked at", LastText: "We remember this because you allowed functional cookies.",
		Company: "Beijing Tiertime Technology Co. Ltd.",
		Points: []point{
			{"Levels itself", "Nine points, one minute, before every print."},
			{"Quiet", "48 decibels. You can hold a meeting next to it."},
			{"Mendable", "Every part has a number, and every number is in the store."},
		},
	},
	"de": {
		Lang: "de", Dir: "ltr",
		Demo: "Eine Vorführung: Hier ist nichts zu kaufen.", Received: "Was bei Trackern ankam", OtherSite: "Die andere Seite",
		Skip: "Zum Inhalt", Home: "Start", Store: "Laden", Video: "Anleitungen", Forum: "Forum",
		Basket: "Warenkorb", Policy: "Datenschutzerklärung", Choices: "Datenschutz-Einstellungen", ToStore: "Zu den Druckern",
		Watch: "Bei der Arbeit zusehen", LastTime: "Zuletzt angesehen", LastText: "Das wissen wir noch, weil Sie funktionale Cookies erlaubt haben.",
		Company: "Beijing Tiertime Technology Co. Ltd.",
		Points: []point{
			{"Richtet sich selbst aus", "Neun Punkte, eine Minute, vor jedem Druck."},
			{"Leise", "48 Dezibel. Daneben kann man sich besprechen."},
			{"Reparierbar", "Jedes Teil hat eine Nummer, und jede Nummer gibt es im Laden."},
		},
	},
	"ar": {
		Lang: "ar", Dir: "rtl",
		Demo: "عرض تجريبي: لا شيء هنا للبيع.", Received: "ما وصل إلى أدوات التتبّع", OtherSite: "الموقع الآخر",
		Skip: "انتقل إلى المحتوى", Home: "الرئيسية", Store: "المتجر", Video: "الشروحات", Forum: "المنتدى",
		Basket: "السلة", Policy: "سياسة الخصوصية", Choices: "خيارات الخصوصية", ToStore: "شاهد الطابعات",
		Watch: "شاهد واحدة تعمل", LastTime: "آخر ما شاهدته", LastText: "نتذكر هذا لأنك سمحت بملفات تعريف الارتباط الوظيفية.",
		Company: "Beijing Tiertime Technology Co. Ltd.",
		Points: []point{
			{"تضبط نفسها", "تسع نقاط في دقيقة واحدة قبل كل طباعة."},
			{"هادئة", "48 ديسيبل فقط: يمكنك عقد اجتماع بجانبها."},
			{"قابلة للإصلاح", "لكل قطعة رقم، وكل رقم متوفر في المتجر."},
		},
	},
}
