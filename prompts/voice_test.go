package prompts

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forbidden are the forms that the voice (.github/CONTRIBUTING.md) does without.
var forbidden = map[string]*regexp.Regexp{
	"an exclamation mark":             regexp.MustCompile(`[a-z]!(?:\s|$)`),
	"so, not so that":                 regexp.MustCompile(`\bso that\b`),
	"npm has no article":              regexp.MustCompile(`(?i)\b(?:an?|the) npm\b`),
	"because, not for":                regexp.MustCompile(`, for (?:npm|package\.json|it|they|these|nobody) `),
	"no ceremony":                     regexp.MustCompile(`(?i)\b(?:please|sorry|oops|successfully)\b`),
	"should, not shall":               regexp.MustCompile(`\bshall\b`),
	"anyone who, the people who":      regexp.MustCompile(`(?i)\bwhoever\b`),
	"the same, not the very same":     regexp.MustCompile(`\b(?:this|these|the) very\b`),
	"you are spoken to, not we":       regexp.MustCompile(`(?i)\b(?:we|us|our|ours)\b|\bI\b`),
	"a blank too many":                regexp.MustCompile(`[a-z,.;:] {2,}[A-Za-z]`),
	"expired or no longer valid, not": regexp.MustCompile(`\b(?:dead|alive|living) (?:token|credential)|token is (?:dead|alive)`),
}

// others are files whose words are npm's, a registry's or a tool's, or are printed nowhere.
var others = regexp.MustCompile(`_test\.go$|^(?:runner/(?:registry|realnpm|e2e)|classify/(?:logs|transcript))/|^classify/tables\.go$|/flags\.go$`)

// inColumns are files whose strings hold columns.
var inColumns = regexp.MustCompile(`^classify/causes_|^prompts/usage|^main\.go$`)

func TestVoice(t *testing.T) {
	sentences := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(path), "../")
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != ".." && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go" || others.MatchString(name):
			return nil
		}
		for _, said := range stringsIn(t, path) {
			sentences++
			for why, form := range forbidden {
				if m := form.FindString(said); m != "" && !(why == "a blank too many" && inColumns.MatchString(name)) {
					t.Errorf("%s: %q in %q (%s)", name, m, said, why)
				}
			}
		}
		return nil
	})
	if err != nil || sentences < 1000 {
		t.Fatalf("%d sentences, %v", sentences, err)
	}
}

// stringsIn returns the texts of a file, those of several literals as one, without the
// patterns.
func stringsIn(t *testing.T, path string) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.CallExpr:
			return !slices.Contains([]string{"regexp.MustCompile", "pattern.New", "pattern.Any"}, callee(n))
		case *ast.BinaryExpr:
			if text, is := joined(n); is {
				all = append(all, text)
				return false
			}
		case *ast.BasicLit:
			if text, is := joined(n); is && strings.Contains(text, " ") {
				all = append(all, text)
			}
		}
		return true
	})
	return all
}

func callee(call *ast.CallExpr) string {
	f, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return ""
	}
	of, _ := f.X.(*ast.Ident)
	return fmt.Sprint(of) + "." + f.Sel.Name
}

// joined returns the text of an expression, with "…" for what is not written in it.
func joined(e ast.Expr) (text string, is bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		left, isLeft := joined(e.X)
		right, isRight := joined(e.Y)
		return left + right, e.Op == token.ADD && (isLeft || isRight)
	}
	return "…", false
}
