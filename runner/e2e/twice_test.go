//go:build !windows

package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"safepublish/runner/registry"
)

// Never twice: a release is run twice, whatever became of the first upload, and
// what the registry holds afterwards is compared with what was promised and said.
//
// A row that fails is run again by its name: go test ./runner/e2e -run 'TestRealTwice/fate=…'

// statuses are the answers to the first run's upload: the one with which an answer
// is lost, and those from 400 to 499 with which registries refuse.
var statuses = []string{
	lostBy, "400", "401", "402", "403", "404", "405", "406", "408", "409", "410", "412", "413", "415", "422", "423", "425", "426", "428",
	"429", "451", "499",
}

const lostBy = "502"

// befalls returns what the registry does to the uploads of a first run.
func befalls(fate, answer string) []registry.Fault {
	status, _ := strconv.Atoi(answer)
	first := registry.Fault{Store: true, Status: status, Message: words(status)}
	again := registry.Fault{Early: true, Always: true, Status: status, Message: words(status)}
	switch fate {
	case "accepted":
		return nil
	case "lost", "refused":
		return []registry.Fault{again}
	case "shown-later", "hidden":
		first.Invisible = true
	case "repacked":
		first.Repack = true
	case "cut":
		first.Reset = true
	}
	return []registry.Fault{first, again}
}

// words is the text of an answer; 499 has none that is known.
func words(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Client Closed Request"
}

// how is the way a release is run: arguments, lines of the user's .npmrc, or
// scripts of the package.
var how = map[string]struct{ args, rc, scripts string }{
	"plain":          {},
	"--json":         {args: "--json"},
	"--silent":       {args: "--silent"},
	"--no-dry-run":   {args: "--no-dry-run"},
	"json":           {rc: "json=true"},
	"logs-max":       {rc: "logs-max=0"},
	"prefer-offline": {rc: "prefer-offline=true"},
	"offline":        {rc: "offline=true"}, // npm publish fails before it sends anything
	"usage":          {rc: "usage=true"},   // npm prints its usage, sends nothing and ends with 0
	"raises":         {scripts: `,"scripts":{"prepublishOnly":"node raise.js"}`},
	"stamps":         {scripts: `,"scripts":{"prepack":"node stamp.js"}`},
}

// The scripts of the package: one gives it the next number, and keeps it; the
// other gives it contents that it never had.
const (
	raiseScript = `const fs = require('fs'), text = fs.readFileSync('package.json', 'utf8')
fs.writeFileSync('package.json', text.replace(/("version":"\d+\.\d+\.)(\d+)/, (_, a, b) => a + (+b + 1)))
`
	stampScript = "require('fs').writeFileSync('stamp.txt', require('crypto').randomUUID())\n"
)

// twice is the matrix: where the first run is and where the second, what the
// second is asked for, and so on.
var twice = &matrix{
	factors: []factor{
		{"fate", []string{
			"stored",         // and readers are shown it, but its answer is lost
			"shown-later",    // the same, and readers are shown it before the second run
			"hidden",         // the same, and never
			"lost",           // not stored
			"repacked",       // stored with another shasum, and its answer is lost
			"refused",        // with one of the statuses
			"refused-stored", // stored all the same
			"cut",            // stored, and the connection breaks
			"accepted",
		}},
		{"status", statuses},
		{"where", []string{"folder", "workspace", "tarball", "checkout"}},
		{"then", []string{"same", "bump", "raised"}},
		{"how", []string{
			"plain", "--json", "json", "--silent", "logs-max", "prefer-offline", "--no-dry-run", "raises", "stamps", "offline", "usage",
		}},
		{"to", []string{"same", "other"}},
		{"first", []string{"folder", "workspace", "tarball"}},
		{"asked", []string{"nothing", "bump"}},            // of the first run, by --fix
		{"before", []string{"nothing", "older", "taken"}}, // what another machine published
		{"npm", []string{npm11, npm8, npm10, npm12}},
	},
	impossible: func(r row) bool {
		fate, how, status := r.get("fate"), r.get("how"), r.get("status")
		switch {
		case fate != "" && status != "" && strings.HasPrefix(fate, "refused") != (status != lostBy):
			return true
		case how == "raises" && (r.get("first") == "tarball" || r.get("where") == "tarball"):
			return true // no script runs when a tarball is published
		case how == "offline" || how == "usage":
			return fate != "" && fate != "lost" || status != "" && status != lostBy // nothing arrives that anything could befall
		case r.get("before") == "taken" && (r.get("asked") == "nothing" || r.get("first") == "tarball" || how == "raises"):
			return true // the first run would send nothing, or is a release of its own
		case r.get("to") == "other":
			return !slices.Contains([]string{"", "stored", "hidden", "refused", "refused-stored"}, fate)
		}
		return false
	},
	// Every commit: every fate meets the next number, which must not be sent while nobody
	// knows; those that differ most in what is known then, and the refusals, everything
	// that is asked for next; each of the refusals that differ is met once; the other
	// factors take all their values in turn. With SAFEPUBLISH_TEST_WHOLE=pairs each status
	// is met as a refusal; the first of each kind of fates meet every way, the others some;
	// where the first run was, what it was asked for, what was there before and which npm it
	// is take what comes.
	needless: func(r row) bool {
		fate := r.get("fate")
		if wanted == "" && r.given("then") {
			return fate == "" || slices.Contains([]string{"cut", "accepted", "shown-later", "stored", "repacked"}, fate) && r.get("then") != "bump"
		}
		if wanted == "" {
			return !slices.Contains(refusals[fate], r.get("status"))
		}
		others := slices.Contains([]string{"cut", "accepted", "shown-later", "refused-stored"}, fate)
		mixed := r.given("first") || r.given("asked") || r.given("before") || r.given("npm")
		return r.given("status") && fate != "refused" || others && r.given("how") || mixed
	},
}

// refusals are statuses of which the ledger thinks differently: it may be a yes to
// somebody else, it says nothing of what became of the upload, it is about the pace.
var refusals = map[string][]string{"refused": {"403", "404", "408", "429"}, "refused-stored": {"400", "409", "499"}}

func TestRealTwice(t *testing.T) {
	t.Parallel()
	rows, met := twice.pairwise()
	which := fmt.Sprintf("%d pairs of values meet in them", met)
	if wanted == "1" {
		rows, which = wholeOf(twice, "first", "asked", "before", "npm"), "that is every combination of six factors"
	}
	c := &count{words: map[string]int{}}
	began := time.Now()
	t.Cleanup(func() {
		fmt.Printf("%d releases were run twice, %s; %d runs sent %d uploads in %s, %s of CPU; they ended with %v\n",
			c.runs/2, which, c.runs, c.uploads, time.Since(began).Round(time.Second), c.cpu.Round(time.Second), c.words)
	})
	eachRow(t, rows, func(t *testing.T, r row) { c.add(t, runTwice(t, r)) })
}

// However few rows there are, each value is in one, of the statuses those of refusals.
func TestTwiceHasEveryValue(t *testing.T) {
	rows, _ := twice.pairwise()
	for _, f := range twice.factors {
		values := f.values
		if f.name == "status" && wanted == "" {
			values = slices.Concat([]string{lostBy}, refusals["refused"], refusals["refused-stored"])
		}
		for _, value := range values {
			if !slices.ContainsFunc(rows, func(r row) bool { return r.get(f.name) == value }) {
				t.Errorf("no release is run twice with %s=%s", f.name, value)
			}
		}
	}
	t.Logf("%d rows", len(rows))
}

// wholeOf returns every combination of all factors but some, which take their
// values in turn.
func wholeOf(m *matrix, inTurn ...string) (rows []row) {
	alike := map[string][]row{}
	var order []string
	for _, r := range m.every() {
		key := ""
		for i, f := range m.factors {
			if !slices.Contains(inTurn, f.name) {
				key += "," + f.values[r.values[i]]
			}
		}
		if alike[key] == nil {
			order = append(order, key)
		}
		alike[key] = append(alike[key], r)
	}
	for i, key := range order {
		rows = append(rows, alike[key][i*7%len(alike[key])])
	}
	return rows
}

// eachRow runs a subtest for each row, beside the other tests: most of the time they wait.
func eachRow(t *testing.T, rows []row, run func(*testing.T, row)) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.String(), func(t *testing.T) {
			t.Parallel()
			run(t, r)
		})
	}
}

// count is what the rows come to.
type count struct {
	mu            sync.Mutex
	runs, uploads int
	cpu           time.Duration
	words         map[string]int
}

func (c *count) add(t *testing.T, runs []*play) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range runs {
		c.runs++
		c.uploads += len(p.puts)
		c.cpu += p.cpu
		c.words[string(p.doc.Outcome)]++
	}
}

// runTwice plays one row.
func runTwice(t *testing.T, r row) []*play {
	before := map[string]string{"older": "0.9.0", "taken": "1.0.0"}[r.get("before")]
	if before != "" && r.get("how") == "raises" {
		before = "1.0.0" // the number from which the script goes on
	}
	s := newStage(t, r.get("npm"), `{"name":"demo","version":"1.0.0"`+how[r.get("how")].scripts+"}\n", before, before)
	s.npmrc(how[r.get("how")].rc)
	s.monorepo(r.get("first") == "workspace" || r.get("where") == "workspace")
	args := strings.Fields(how[r.get("how")].args)
	if r.get("asked") == "bump" {
		args = append(args, "--fix", "bump")
	}
	s.regs[0].Befall(befalls(r.get("fate"), r.get("status"))...)
	s.play(r.get("first"), 0, args...)
	s.regs[0].Befall()
	if r.get("fate") == "shown-later" {
		s.regs[0].Show()
	}
	runAgain(s, r, args)
	for _, wrong := range stopped(r, s) {
		t.Error(wrong)
	}
	s.judged()
	return s.runs
}

// runAgain is the second run of a row.
func runAgain(s *stage, r row, args []string) {
	s.t.Helper()
	place, to := r.get("where"), 0
	if place == "checkout" {
		s.checkOut()
	}
	switch {
	case r.get("then") == "bump" && r.get("asked") == "nothing":
		args = append(args, "--fix", "bump")
	case r.get("then") == "raised":
		s.raise("1.5.0")
	}
	if r.get("to") == "other" {
		to = 1
		args = append(args, "--registry="+s.regs[1].URL())
	}
	s.play(place, to, args...)
}

// stopped returns what is wrong where nothing stood in the way of a run, and it did
// not publish all the same: being careful is no reason.
func stopped(r row, s *stage) []string {
	h := r.get("how")
	if h == "offline" || h == "usage" || r.get("before") == "taken" || h == "raises" && r.get("before") == "older" {
		return nil
	}
	if r.get("fate") == "accepted" && s.runs[0].status != 0 {
		return []string{fmt.Sprintf("run 1: status %d, and nothing stood in the way", s.runs[0].status)}
	}
	first, second := s.runs[0], s.runs[1]
	known := len(first.held) == 0 && !slices.ContainsFunc(first.puts, func(u registry.Upload) bool { return isOpen(first.puts, u, nil) })
	if (second.to != first.to || known) && second.status != 0 {
		return []string{fmt.Sprintf("run 2: status %d, and nothing stood in the way", second.status)}
	}
	return nil
}
