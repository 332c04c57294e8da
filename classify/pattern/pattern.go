// Package pattern holds regular expressions that are compiled when they are first used.
// The tables of this program have some three hundred; a run needs a few of them, and
// compiling all took more than half of the time from its start to that of npm.
package pattern

import (
	"regexp"
	"strings"
	"sync"
)

// Pattern is a regular expression of a table. Its methods are those of regexp.Regexp.
type Pattern struct {
	source string
	once   sync.Once
	regexp *regexp.Regexp // nil until the first use
}

// all are the patterns of the program.
var all []*Pattern

// New returns the pattern of an expression. It is for variables of packages, and panics
// when the pattern is first used where the expression is none (CompileAll).
func New(source string) *Pattern {
	p := &Pattern{source: source}
	all = append(all, p)
	return p
}

// Any returns the pattern of what fits one of some expressions.
func Any(sources ...string) *Pattern { return New(strings.Join(sources, "|")) }

// CompileAll panics where an expression of the program is none. It is for tests.
func CompileAll() (patterns int) {
	for _, p := range all {
		p.compiled()
	}
	return len(all)
}

func (p *Pattern) compiled() *regexp.Regexp {
	p.once.Do(func() { p.regexp = regexp.MustCompile(p.source) })
	return p.regexp
}

func (p *Pattern) String() string { return p.source }

func (p *Pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }

func (p *Pattern) Match(b []byte) bool { return p.compiled().Match(b) }

func (p *Pattern) FindString(s string) string { return p.compiled().FindString(s) }

func (p *Pattern) FindStringIndex(s string) []int { return p.compiled().FindStringIndex(s) }

func (p *Pattern) FindStringSubmatch(s string) []string { return p.compiled().FindStringSubmatch(s) }

func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.compiled().FindStringSubmatchIndex(s)
}

func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compiled().FindAllStringSubmatch(s, n)
}

func (p *Pattern) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return p.compiled().FindAllStringSubmatchIndex(s, n)
}

func (p *Pattern) FindAllString(s string, n int) []string { return p.compiled().FindAllString(s, n) }

func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.compiled().FindSubmatch(b) }

func (p *Pattern) FindAllSubmatch(b []byte, n int) [][][]byte {
	return p.compiled().FindAllSubmatch(b, n)
}

func (p *Pattern) ReplaceAll(b, by []byte) []byte { return p.compiled().ReplaceAll(b, by) }

func (p *Pattern) ReplaceAllString(s, by string) string { return p.compiled().ReplaceAllString(s, by) }

func (p *Pattern) ReplaceAllStringFunc(s string, by func(string) string) string {
	return p.compiled().ReplaceAllStringFunc(s, by)
}

func (p *Pattern) Split(s string, n int) []string { return p.compiled().Split(s, n) }

func (p *Pattern) SubexpNames() []string { return p.compiled().SubexpNames() }
