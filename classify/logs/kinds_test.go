package logs

import (
	"fmt"
	"maps"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// example returns a text that an expression matches. "%s" stands in it where any text
// may, "%d" where any digits may: there the lines of a flood differ.
func example(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return strings.ReplaceAll(string(re.Rune), "%", "%%")
	case syntax.OpCharClass:
		return one(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpQuest:
		return example(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return many(example(re.Sub[0]))
	case syntax.OpRepeat:
		return strings.Repeat(example(re.Sub[0]), max(1, re.Min))
	case syntax.OpAlternate:
		return example(re.Sub[0])
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(example(sub))
		}
		return b.String()
	}
	return ""
}

// one returns a character of a class, a letter rather than another.
func one(class []rune) string {
	for _, c := range "x1X :-" {
		for i := 0; i < len(class); i += 2 {
			if class[i] <= c && c <= class[i+1] {
				return string(c)
			}
		}
	}
	return string(class[0])
}

func many(s string) string {
	switch s {
	case "x":
		return "x%s"
	case "1":
		return "%d"
	}
	return s
}

// floods are the lines of which a log may hold a million, by what they are: those of the
// tables, and those that are read without one.
func floods() map[string]string {
	all := map[string]string{
		"a build":            "[%s/99999] src/module.ts: warning in npm run build: error TS2345\n",
		"npm warn":           "npm warn deprecated thing-%s@1.0.0: this version is no longer supported, upgrade\n",
		"npm error":          "npm error something went wrong with module %s, and this is the text of it\n",
		"npm error code":     "npm error code E40%d\n",
		"npm refusals":       "npm error 403 403 Forbidden - PUT https://npmjs.org/demo - You cannot publish over the version 1.0.%s.\n",
		"npm notice":         "npm notice Publishing to https://registry.example/%s with tag latest and default access\n",
		"npm packs":          "npm notice 📦  demo@1.0.%s\n",
		"npm files":          "npm notice %dkB lib/index.js\n",
		"npm http":           "npm http fetch PUT 403 https://registry.example/demo %dms\n",
		"npm http GET":       "npm http fetch GET 200 https://registry.example/demo %dms\n",
		"npm http GET 4":     "npm http fetch GET 404 https://registry.example/demo %dms\n",
		"npm verbose":        "npm verbose stack Error: x%s\n",
		"npm's log":          "%d silly placeDep ROOT foo@1.0.0 OK for: bar@1.0.0 want: ^1.0.0\n",
		"npm's log, errors":  "%d error 403 403 Forbidden - PUT https://registry.example/demo - no\n",
		"npm's log, verbose": "%d verbose stack Error: something\n",
		"npm's log, http":    "%d http fetch PUT 403 https://registry.example/demo 5ms (cache skip)\n",
		"npm's log, falling": "36 error code E403\n35 error code E40%d\n",
		"sentence":           "PUT - 403 Forbidden - PUT https://registry.example/demo-%s - You do not\n",
		"sentence, bare":     "402 Payment Required - PUT https://registry.example/demo-%s\n",
		"in colour":          "\x1b[31mnpm\x1b[0m \x1b[1;35mwarn\x1b[0m deprecated thing-%s@1.0.0: this version is no longer supported\n",
		"in colour, errors":  "\x1b[31mnpm\x1b[0m \x1b[1;35merror\x1b[0m thing-%s@1.0.0: this version is no longer supported\n",
		"cursor":             "\x1b[1G\x1b[0K\x1b[32mnpm\x1b[0m error building %s\n",
		"progress":           "building 1%%\rbuilding 2%%\rbuilding 3%%\rnpm error building %s\n",
		"progress, no end":   "building 1%%\rbuilding 2%%\rnpm building %s\r",
		"spinner":            "⠙ npm run building %s\n",
		"not ASCII":          "✓ built module – npm run build %s\n",
		"long lines":         strings.Repeat("npm error x ", 8000) + "%s\n",
		"long, no end":       "npm error \"x\" ",
		"a quotation":        `    "npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.example/demo-%d - no\n",` + "\n",
		"a quoted line":      "  'npm error code E40%d\\n' +\n",
		"a quoted line, 2":   "> npm error code E40%d\n",
		"bare code":          "E40%d\n",
		"JSON":               "  \"error\": {\n    \"code\": \"E40%d\",\n",
		"JSON, first":        "  \"error\": {\n",
		"JSON, whole":        "{\n  \"error\": {\n    \"code\": \"E40%d\",\n    \"summary\": \"no\",\n  }\n}\n",
		"pnpm, ndjson":       `{"time":%d,"code":"ERR_PNPM_X","message":"no"}` + "\n",
		"pnpm 12":            "  ERR_PNPM_SOMETHING\n  × Failed %s\n  │ and more\n",
		"nx":                 "npm publish error:\nno, %s\n\n",
		"berry":              "➤ YN0035: │ the remote server failed %s\n➤ YN0035: │   Response Code: 403 (Forbidden)\n",
		"berry, 2":           "[@acme/widget-%s]: ➤ YN0035: │ the remote server failed\n",
		"berry, fetch":       "➤ YN0013: │ foo@npm:1.0.%s can't be found in the cache\n",
		"a plus":             "+ demo-%s@1.0.0\n",
		"a plus, no":         "+ const publish = %s; // npm\n",
		"labelled plus":      "web:publish: + demo-%s@1.0.0\n",
		"a banner":           "> demo-%s@1.0.0 prepack\n",
		"a banner, npm 12":   "npm notice run demo-%s@1.0.0 prepack\n",
		"a script":           "> demo-%s@1.0.0 build\n",
		"a prompt":           "$ npm publish --tag x%s\n",
		"a prompt, no":       "> see npm publish --tag x%s\n",
		"OTP":                "Enter OTP: %s\n",
		"ENTER":              "Press ENTER to open in the browser... %s\n",
		"one-time":           "This operation requires a one-time password.\n",
		"Authenticate":       "Authenticate your account at:\nhttps://npmjs.org/%s\n",
		"Unknown command":    "Unknown command: \"x%s\"\n",
		"Usage":              "Usage: npm <command>\n",
		"Exit prior":         "Exit prior to config file resolving\n",
		"replace env":        "Error: Failed to replace env in config: ${X%s}\n",
		"labels":             "web-%s:publish: npm error code E403\n",
		"labels, few":        "web-%s0:publish: npm error code E403\nweb-1:publish: npm error 403\nweb-2:publish: x\n",
		"labels, questions":  "web-%s:publish: Enter OTP:\n",
		"folded":             strings.Repeat("npm error 403 ", 5) + "7890123456 78\nand it goes on for a while until %s\n",
		"a reason":           "npm error 422 Unprocessable Entity - PUT https://registry.example/demo\nReason %s\n",
		"PowerShell":         "At line:%s char:1\n+ npm publish\n",
		"suspects":           "publish failed: no package %s, could not publish\n",
		"lerna's http":       "lerna http fetch PUT 403 https://registry.example/demo-%s 5ms\n",
	}
	for _, f := range forms {
		tree, _ := syntax.Parse(f.says.String(), syntax.Perl)
		all["form "+f.pattern] = example(tree) + "\n"
	}
	for _, p := range linePrefixes {
		tree, _ := syntax.Parse(p.form.String(), syntax.Perl)
		all["prefix "+p.form.String()] = example(tree) + "npm error code E40%d\n"
		all["prefix, no npm "+p.form.String()] = example(tree) + "compiled npm module %s\n"
	}
	tree, _ := syntax.Parse(namedLabel.String(), syntax.Perl)
	for i, label := range tree.Sub[1].Sub[0].Sub {
		all[fmt.Sprint("label ", i)] = example(label) + " npm error code E40%d\n"
		all[fmt.Sprint("label, plus ", i)] = example(label) + " + demo-%s@1.0.0\n"
	}
	for _, list := range [][]sentence{sentences, phrases} {
		for _, s := range list {
			all["words "+s.text] = s.text + " of %s\n"
		}
	}
	for text := range literals.known {
		first, _, _ := strings.Cut(text, "|")
		all["literal "+first] = strings.ReplaceAll(first, "%", "%%") + " %s\n"
		all["literal within "+first] = "something of " + strings.ReplaceAll(first, "%", "%%") + " and %s more words\n"
	}
	return all
}

// flood is such a text, of four megabytes.
func flood(line string) string {
	var text strings.Builder
	for i := 0; text.Len() < 4<<20; i++ {
		word := []byte("aaaaa")
		for n, at := i, 0; n > 0; n, at = n/26, at+1 {
			word[at] = byte('a' + n%26)
		}
		s := strings.ReplaceAll(line, "%d", strconv.Itoa(i))
		text.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "%s", string(word)), "%%", "%"))
	}
	return text.String()
}

// TestLinesAreBounded: of lines that each have capitals of their own no more are looked at
// than the bound says.
func TestLinesAreBounded(t *testing.T) {
	capitals := strings.NewReplacer("0", "Q", "1", "W", "2", "E", "3", "R", "4", "J", "5", "Y", "6", "U", "7", "I", "8", "O", "9", "K")
	var text strings.Builder
	for i := range 60000 {
		text.WriteString("npm error module " + capitals.Replace(strconv.Itoa(i*104729)) + "\n")
	}
	ls, read := newLines(strings.NewReader(text.String())), 0
	for _, err := ls.next(); err == nil; _, err = ls.next() {
		read++
	}
	if read > mostOfKind+wantedAfter {
		t.Errorf("%d lines are read, more than %d", read, mostOfKind)
	}
}

// TestKindsInTurn: two kinds of short lines in turn, which differ in one literal, are both
// counted.
func TestKindsInTurn(t *testing.T) {
	line := []byte("yarn a")
	for bit := range 63 {
		var r repeats
		for range mostAlike + 1 { // the first beyond the bound may be read, for its package
			r.full(line, 1<<63)
			r.full(line, 1<<63|1<<bit)
		}
		if !r.full(line, 1<<63) || !r.full(line, 1<<63|1<<bit) {
			t.Errorf("literal %d: the lines are not counted", bit)
		}
	}
}

// BenchmarkKinds reads floods of every kind of line that the grammar knows: 100 MB of any
// shall take no more than 1.5 s, that is 67 MB/s.
func BenchmarkKinds(b *testing.B) {
	all := floods()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := flood(all[name])
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Read(strings.NewReader(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
