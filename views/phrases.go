package views

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
)

// phrase is a sentence of the engine, or a part of one, with names of data in the place of what
// differs. It is a key of the translations too.
type phrase string

// pattern is a phrase as it is found again in what the engine said.
type pattern struct {
	phrase phrase
	exact  *regexp.Regexp
}

// Data that is shaped like nothing else has a shape of its own; the rest is any text without an
// end of a sentence and without a colon before a gap.
const anything = `(?:[^.:]|[.:][^ ])+?`

var shapes = map[string]string{
	"N": `[0-9,]+`, "Step": `[0-9]+`, "Free": bytesShape, "Need": bytesShape, "Size": bytesShape,
	"Times": `[0-9]{2}:[0-9]{2}(?:(?:, | and )[0-9]{2}:[0-9]{2})*`, "Hours": `[0-9]+(?:(?:, | and | to )[0-9]+)*`, "Minutes": `[0-9]+(?:(?:, | and | to )[0-9]+)*`,
	"Often": `(?:every (?:hour|minute|[0-9]+ hours|[0-9]+ minutes)|at minutes? )(?:.*[^,])?`, "Days": `(?:every|on the) .+`, "Schedule": `.+`,
	"Program": `[A-Z][A-Za-z0-9]+`, "Client": `[a-z_]+(?: [a-z]+)?`, "Engine": `docker|podman`, "Object": `sandbox|database`, "When": `before|after`, "Why": `.+`, "Flag": `--[a-z-]+(?: [A-Z]+)?`, "Dates": `[0-9]+(?:st|nd|rd|th)(?:(?:, | and | to )[0-9]+(?:st|nd|rd|th))*`, "Weekdays": nameShape, "Months": nameShape,
	"Command": `.+`, "Tables": `.+`, "Folders": `.+`, "Parts": `.+`, "Names": `.+`, "Inside": `.+?`, "Status": `(?:completed|failed|running|interrupted|cancelled|deleted|undone|broken|unchecked)`,
	"Word": quotedShape, "Field": quotedShape, "Form": quotedShape, "Rule": quotedShape, "Pattern": quotedShape, "Examples": quotedShape + `(?:, ` + quotedShape + `)*`, "Last": quotedShape,
}

const quotedShape = `"(?:[^"\\]|\\.)*"`

const bytesShape = `[0-9.]+ [KMGTPE]?i?B`

const nameShape = `[A-Z][a-z]+(?:(?:, | and | or | to )[A-Z][a-z]+)*`

// enginePhrases are looked for in this order: what may begin with anything comes last.
var enginePhrases = [][]phrase{
	serverPhrases, restorePhrases, archivePhrases, placePhrases, warningPhrases,
	filePhrases, refusalPhrases, typedPhrases, faultPhrases, gatePhrases, opPhrases, anyPhrases,
}

var (
	sentences = sync.OnceValue(func() []pattern {
		return append(ofRemedies(), compiled(enginePhrases...)...)
	})
	plans = sync.OnceValue(func() []pattern { return compiled(schedulePhrases) })
)

func compiled(lists ...[]phrase) (all []pattern) {
	for _, list := range lists {
		for _, p := range list {
			all = append(all, pattern{p, p.exactly()})
		}
	}
	return all
}

func ofRemedies() (all []pattern) {
	for _, r := range remedies {
		all = append(all, pattern{r.shown, r.said.exactly()})
	}
	return all
}

var (
	named    = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
	singular = regexp.MustCompile(`(<N>\[0-9,\]\+\) [a-z]+s)\b`) // of one there is no plural
)

// exactly is what a phrase looks like with data in it, and nothing around it.
func (p phrase) exactly() *regexp.Regexp {
	exact, rest := "^", string(p)
	for _, at := range named.FindAllStringSubmatch(rest, -1) {
		before, after, _ := strings.Cut(rest, at[0])
		shape, known := shapes[at[1]]
		if !known {
			shape = anything
		}
		exact += regexp.QuoteMeta(before) + "(?P<" + at[1] + ">" + shape + ")"
		rest = after
	}
	return regexp.MustCompile(singular.ReplaceAllString(exact+regexp.QuoteMeta(rest)+"$", "${1}?"))
}

// translated gives what the engine said in the language of the window, fit to be shown. What is not
// known here stays as it is.
func translated(english string) string { return plain(inOneLine(spoken(english))) }

// inOneLine joins the lines of what several causes say.
func inOneLine(said string) string {
	return strings.NewReplacer(":\n", ": ", ";\n", "; ", "\n", "; ").Replace(strings.TrimSpace(said))
}

// spoken is the same for a part of it: whole as it stands, or else sentence by sentence and clause by clause.
func spoken(english string) string {
	if words, ok := inWords(sentences(), english); ok {
		return words
	}
	for _, gap := range []string{"\n", ". ", "? "} {
		if first, rest, ok := strings.Cut(english, gap); ok {
			return spoken(first) + gap + spoken(rest)
		}
	}
	for _, end := range []string{".", "?"} {
		if whole, ok := strings.CutSuffix(english, end); ok {
			return spoken(whole) + end
		}
	}
	for _, gap := range []string{": ", "; "} {
		if first, rest, ok := strings.Cut(english, gap); ok {
			return spoken(first) + gap + spoken(rest)
		}
	}
	return english
}

// planWords says what a schedule means.
func planWords(english string) string {
	if words, ok := inWords(plans(), english); ok {
		return words
	}
	return english
}

// inWords finds the phrase that text is, and gives it translated.
func inWords(known []pattern, text string) (string, bool) {
	for _, p := range known {
		found := p.exact.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		data, n := values{}, -1
		for i, name := range p.exact.SubexpNames()[1:] {
			value := found[i+1]
			data[name] = datum(name, value)
			if name != "N" {
				continue
			}
			if many, err := strconv.Atoi(strings.ReplaceAll(value, ",", "")); err == nil {
				n, data[name] = many, count(int64(many))
			}
		}
		if n >= 0 {
			return lang.N(string(p.phrase), n, data), true
		}
		return lang.L(string(p.phrase), data), true
	}
	return "", false
}

// datum translates what is put into a phrase, by the name of its place.
func datum(name, value string) string {
	switch name {
	case "Held", "Holds", "Parts":
		return each(value, ", ", spoken)
	case "Tables":
		return each(value, "), ", spoken)
	case "Inside":
		return insideFile(value)
	case "Names":
		return andMore(value)
	case "Folders", "Kept":
		return pair(value)
	case "Database", "Place":
		return placed(value)
	case "Date":
		return dateIn(value)
	case "Flag":
		return flagField(value)
	case "Size", "Free", "Need":
		return strings.Replace(value, ".", lang.X("decimal point", "."), 1)
	case "Now", "Then", "Bytes", "Others":
		return numeral(value)
	case "Why":
		return spoken(value)
	case "Object":
		return objectWords(value)
	case "When":
		return whenWords(value)
	case "Status":
		return standing(value)
	case "Decision", "Decided":
		return decisionWords(backup.Decision(value))
	case "Schedule", "Often", "Days":
		return planWords(value)
	case "Times", "Hours", "Minutes", "Dates", "Weekdays", "Months":
		return listed(value, calendarWord)
	}
	return value
}

// each translates the parts of a list.
func each(list, gap string, word func(string) string) string {
	parts := strings.Split(list, gap)
	end := strings.TrimSuffix(gap, ", ")
	for i := range parts {
		if i < len(parts)-1 {
			parts[i] += end
		}
		parts[i] = word(parts[i])
	}
	return strings.Join(parts, ", ")
}

// pair translates the parts of a list that is joined by "and" alone.
func pair(list string) string {
	if first, last, ok := strings.Cut(list, " and "); ok {
		return lang.L("{{.A}} and {{.B}}", values{"A": spoken(first), "B": pair(last)})
	}
	return spoken(list)
}

// listed translates the parts of a list as a sentence has it, and what joins them.
func listed(list string, word func(string) string) string {
	if first, last, ok := strings.Cut(list, ", "); ok {
		return listed(first, word) + ", " + listed(last, word)
	}
	if first, last, ok := strings.Cut(list, " and "); ok {
		return lang.L("{{.A}} and {{.B}}", values{"A": listed(first, word), "B": listed(last, word)})
	}
	if first, last, ok := strings.Cut(list, " or "); ok {
		return lang.L("{{.A}} or {{.B}}", values{"A": listed(first, word), "B": listed(last, word)})
	}
	if first, last, ok := strings.Cut(list, " to "); ok {
		return lang.L("{{.A}} to {{.B}}", values{"A": listed(first, word), "B": listed(last, word)})
	}
	return word(list)
}

// calendarWord translates the name of a weekday or month, and an ordinal number.
func calendarWord(word string) string {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if word == d.String() {
			return weekday(d)
		}
	}
	for m := time.January; m <= time.December; m++ {
		if word == m.String() {
			return month(time.Date(2000, m, 1, 0, 0, 0, 0, time.UTC))
		}
	}
	digits := strings.TrimRight(word, "sthndr")
	switch data := (values{"N": digits}); strings.TrimPrefix(word, digits) {
	case "th":
		return lang.L("{{.N}}th", data)
	case "st":
		return lang.L("{{.N}}st", data)
	case "nd":
		return lang.L("{{.N}}nd", data)
	case "rd":
		return lang.L("{{.N}}rd", data)
	}
	return word
}

// placed translates where a server is: "shop at localhost:5432", "in container pg (docker)".
func placed(value string) string {
	if name, ok := strings.CutPrefix(value, "in container "); ok {
		return lang.L("in the container {{.Name}}", values{"Name": name})
	}
	if database, name, ok := strings.Cut(value, " in container "); ok {
		return lang.L("{{.Database}} in the container {{.Name}}", values{"Database": database, "Name": name})
	}
	if server, ok := strings.CutPrefix(value, "at "); ok {
		return lang.L("at {{.Server}}", values{"Server": server})
	}
	if database, server, ok := strings.Cut(value, " at "); ok {
		return lang.L("{{.Database}} at {{.Server}}", values{"Database": database, "Server": server})
	}
	return value
}

// dateIn gives a date of the engine's as the window writes dates; its zone stays.
func dateIn(value string) string {
	for _, form := range []string{"2 January 2006 15:04 MST", "2006-01-02 15:04 MST"} {
		if at, err := time.Parse(form, value); err == nil {
			return lang.L("{{.Day}} {{.Month}} {{.Year}} {{.Time}}", dated(at)) + at.Format(" MST")
		}
	}
	return value
}

// numeral gives a number of the engine's as the window writes numbers.
func numeral(value string) string {
	n, err := strconv.ParseInt(strings.ReplaceAll(value, ",", ""), 10, 64)
	if err != nil {
		return value
	}
	return count(n)
}

// standing is a status or a verdict in words.
func standing(value string) string {
	if words := verdictWords(backup.Verdict(value)); words != value {
		return words
	}
	return statusWords(backup.Status(value))
}
