package classify

import (
	"testing"

	"safepublish/classify/transcript"
)

// npm 7 to 11 name no script where one fails, only its text.
func TestScriptThatFailed(t *testing.T) {
	const scripts = `{"scripts":{"prepare":"husky","prepack":"tsc -p .","postpack":"tsc -p .","build":"vite build","postpublish":"git push"}}`
	for said, want := range map[string]string{
		"command sh -c husky":                        "prepare",
		"command sh -c -- husky":                     "prepare",
		`command C:\Windows\cmd.exe /d /s /c husky`:  "prepare",
		"command sh -c git push":                     "postpublish",
		"command sh -c tsc -p .":                     "", // two have it
		"command sh -c vite build":                   "", // npm runs it for npm run alone
		"command sh -c husky install":                "",
		"command failed":                             "",
		"command sh -c npm publish --ignore-scripts": "",
	} {
		c := &Case{Package: Package{Manifest: []byte(scripts)}}
		c.Code, c.Message = "127", []transcript.Line{{Level: "error", Text: "path /x"}, {Level: "error", Text: said}}
		if _, event := scriptVars(c); event != want {
			t.Errorf("%q: %q, want %q", said, event, want)
		}
		if c.missesProgram() != Yes {
			t.Errorf("%q: 127 is no missing program", said)
		}
	}
}
