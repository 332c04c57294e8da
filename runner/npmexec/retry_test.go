//go:build unix

package npmexec

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"

	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

var defaults = npmrc.Config{"fetch-retries": "2", "fetch-retry-factor": "10", "fetch-retry-mintimeout": "10000", "fetch-retry-maxtimeout": "60000"}

func TestPauses(t *testing.T) {
	set := func(key, value string) npmrc.Config {
		config := npmrc.Config{}
		for k, v := range defaults {
			config[k] = v
		}
		config[key] = value
		return config
	}
	for _, c := range []struct {
		config npmrc.Config
		want   string
	}{
		{defaults, "[10s 1m0s]"}, // npm 11.19.1, measured
		{set("fetch-retries", "0"), "[]"},
		{set("fetch-retry-factor", "0.5"), "[5s 10s]"},
		{set("fetch-retry-maxtimeout", "12000"), "[10s 12s]"},
		{set("fetch-retry-mintimeout", "90000"), "[]"}, // npm itself fails on it
		{set("fetch-retry-factor", "abc"), "[]"},
		{nil, "[]"},
	} {
		if got := fmt.Sprint(pauses(c.config)); got != c.want {
			t.Errorf("%v: %s, want %s", c.config, got, c.want)
		}
	}
	if pauses(nil) != nil || pauses(set("fetch-retries", "0")) == nil {
		t.Error("what is not known is no pause of none")
	}
}

func TestReadWaiting(t *testing.T) {
	const get, put = "28 http fetch GET http://127.0.0.1:9/demo attempt ", "32 http fetch PUT http://127.0.0.1:9/demo attempt "
	for line, want := range map[string]string{
		get + "1 failed with ECONNREFUSED":    "{127.0.0.1:9 false ECONNREFUSED 1 3 10s 0s false} true",
		put + "2 failed with 503\r":           "{127.0.0.1:9 true 503 2 3 1m0s 0s true} true",
		put + "3 failed with 503":             "{ false  0 0 0s 0s false} false", // npm gives up
		"33 http fetch PUT 401 http://r/demo": "{ false  0 0 0s 0s false} false",
		"30 notice Publishing to http://127.0.0.1:9/ with tag latest and default access":      "{127.0.0.1:9 true  0 0 0s 0s false} true",
		"9 http fetch GET https://npmjs.org/npm attempt 1 failed with ECONNREFUSED":           "{ false  0 0 0s 0s false} false",
		"9 notice 28 http fetch PUT http://127.0.0.1:9/demo attempt 1 failed with ECONNRESET": "{ false  0 0 0s 0s false} false",
	} {
		w, ok := readWaiting([]byte(line), pauses(defaults))
		if got := fmt.Sprint(w, ok); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
	if w, ok := readWaiting([]byte(put+"7 failed with 503"), nil); !ok || w.Of != 0 || w.Try != 7 {
		t.Errorf("without npm's settings: %+v %v", w, ok)
	}
}

// Only in the pause after a try that was not connected nothing is under way, and what is
// left of it must be sure.
func TestBetween(t *testing.T) {
	const refused = "32 http fetch PUT http://r/demo attempt 1 failed with ECONNREFUSED"
	for _, c := range []struct {
		line string
		ago  time.Duration
		want bool
	}{
		{refused, 2 * time.Second, true},
		{refused, 9500 * time.Millisecond, false}, // the next try may have begun
		{refused, -time.Minute, false},            // a clock that was set back
		{strings.Replace(refused, "attempt 1", "attempt 2", 1), 30 * time.Second, true},
		{strings.Replace(refused, "attempt 1", "attempt 3", 1), 0, false},
		{strings.Replace(refused, "ECONNREFUSED", "ECONNRESET", 1), 0, false},
		{strings.Replace(refused, "ECONNREFUSED", "503", 1), 0, false},
		{strings.Replace(refused, "PUT", "GET", 1), 0, false}, // an upload may be under way beside it
		{"31 notice Publishing to http://r/ with tag latest", 0, false},
	} {
		if got := between([]byte(c.line), time.Now().Add(-c.ago), pauses(defaults)); got != c.want {
			t.Errorf("%q %v ago: %v", c.line, c.ago, got)
		}
	}
	if between([]byte(refused), time.Now(), nil) {
		t.Error("npm's settings are not known")
	}
}

// A silence is told once a minute, and only where npm waits for the registry.
func TestSilence(t *testing.T) {
	var said []string
	w := waitWatch{
		tail: &logTail{dir: t.TempDir()}, pauses: func() []time.Duration { return pauses(defaults) },
		say: func(w Waiting) string { said = append(said, w.Silent.String()); return "x" },
	}
	for _, c := range []struct{ line, want string }{
		{"30 notice Publishing to http://r/ with tag latest", "[1m0s 2m0s]"},
		{"32 http fetch PUT http://r/demo attempt 2 failed with ECONNRESET", "[1m0s]"}, // behind its pause
		{"33 http fetch PUT 401 http://r/demo 7ms", "[]"},                              // npm asks for a code
	} {
		said, w.said, w.last = nil, 0, []byte(c.line)
		for _, ago := range []time.Duration{30, 61, 90, 121} {
			w.grew = time.Now().Add(-ago * time.Second)
			w.look()
		}
		if got := fmt.Sprint(said); got != c.want {
			t.Errorf("%s: %s, want %s", c.line, got, c.want)
		}
	}
}

// waitingNPM is an npm that fails to reach the registry once, and shows what script says
// before and after.
func waitingNPM(t *testing.T, before, after string) string {
	t.Helper()
	return fakeNPM(t, `case $1 in
--version) echo 11.19.1 ;;
config) echo '{"fetch-retries":2,"fetch-retry-factor":10,"fetch-retry-mintimeout":10000,"fetch-retry-maxtimeout":60000}' ;;
publish)
	log=$npm_config_logs_dir/2026-01-01T00_00_00_000Z-debug-0.log
	printf '0 verbose cli npm\n1 verbose title npm publish\n2 notice Publishing to http://127.0.0.1:9/ with tag latest\n' > "$log"
	`+before+`
	echo '3 http fetch PUT http://127.0.0.1:9/demo attempt 1 failed with ECONNREFUSED' >> "$log"
	`+after+` ;;
esac`)
}

// waitsProgram runs an npm, and shows what it waits for.
func waitsProgram(r *Runner, dir string) Result {
	if err := os.WriteFile(dir+"/package.json", []byte(`{"name":"demo","version":"1.0.0"}`), 0o600); err != nil {
		panic(err)
	}
	result, err := r.Publish(context.Background(), Attempt{OnWaiting: func(w Waiting) string {
		return fmt.Sprintf("waits for %s (%s), %d of %d, %v\n", w.Host, w.Failed, w.Try, w.Of, w.Next)
	}})
	if err != nil {
		panic(err)
	}
	return result
}

// Our line stands above npm's spinner, which goes on below it, and never in a question.
func TestWaitingIsShownBesideWhatNPMShows(t *testing.T) {
	const spin = `spin() { for i in 1 2 3; do for f in ⠋ ⠙; do printf '\033[1G\033[0K%s' $f; sleep 0.08; done; done; }; `
	const ours = "waits for 127.0.0.1:9 (ECONNREFUSED), 1 of 3, 10s\n"
	for name, c := range map[string]struct{ before, after, want string }{
		"spinner": {
			spin + `printf 'npm notice hello\n'; spin`, `while ! [ -e go ]; do spin; done; printf '\033[1G\033[0Kdone\n'`,
			"npm notice hello\n" + ours + "done\n",
		},
		"gauge":    {`printf 'npm notice hello\n[....] demo\033[0m\033[K\r'`, `read go; printf '\033[Kdone\n'`, "npm notice hello\n" + ours + "done\n"},
		"silence":  {`printf 'npm notice hello\n'`, `read go; echo done`, "npm notice hello\n" + ours + "done\n"},
		"question": {`printf 'Enter OTP: '`, `sleep 1; read go; echo done`, "Enter OTP: go\ndone\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := on(t, "publish", order{NPM: waitingNPM(t, c.before, c.after), Ask: true, Waits: true, State: t.TempDir(), Dir: dir}, nil)
			if strings.Contains(c.want, ours) {
				s.expect("waits for")
			} else {
				s.expect("Enter OTP: ")
			}
			if name == "spinner" { // it spins until our line was seen
				if err := os.WriteFile(dir+"/go", nil, 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				s.send("go\n")
			}
			s.expect("done")
			s.wait()
			vt := vt10x.New(vt10x.WithSize(80, 24))
			_, _ = vt.Write([]byte(s.screen()))
			shown := ""
			for _, line := range strings.Split(vt.String(), "\n") {
				if line = strings.TrimRight(line, " "); line != "" && line != "go" {
					shown += line + "\n"
				}
			}
			if shown != c.want {
				t.Errorf("the screen is\n%s\nbytes %q", shown, s.screen())
			}
		})
	}
}

// ^C in the pause ends an npm that has sent nothing; in a try nobody knows.
func TestEndedInThePause(t *testing.T) {
	for after, want := range map[string]transcript.State{
		"sleep 60": transcript.NotSent,
		"echo 4 http fetch PUT http://127.0.0.1:9/demo attempt 2 failed with ECONNRESET >> $log; sleep 60": transcript.Open,
	} {
		s := on(t, "publish", order{NPM: waitingNPM(t, "", after), Ask: true, Waits: true, State: t.TempDir()}, nil)
		s.expect("waits for 127.0.0.1:9")
		if strings.Contains(after, "RESET") {
			s.expect("ECONNRESET")
		}
		s.send("\x03")
		if o := s.wait(); o.Signal != "interrupt" || o.Upload != want {
			t.Errorf("%s: %+v, want %v", after, o, want)
		}
	}
}
