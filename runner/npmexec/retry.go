package npmexec

import (
	"bytes"
	"context"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

// Waiting is what npm waits for without a word on the terminal, as its log tells: a
// request that failed and is made again by itself, or an upload that nothing has
// answered yet.
type Waiting struct {
	Host   string
	Upload bool          // the request sends the package
	Failed string        // what the last try ended with: "ECONNREFUSED", "503"; "" where it still goes on
	Try    int           // the try that failed
	Of     int           // how many npm makes; 0 where that is not known
	Next   time.Duration // until the next one
	Silent time.Duration // how long nothing has answered, where nothing failed

	put bool
}

// npm 10 and later log each try that failed (make-fetch-happen 14, lib/remote.js:94,119);
// npm 9 and older log nothing before the last.
var (
	tried  = pattern.New(`^\d+ http fetch (GET|PUT|POST) (\S+) attempt (\d+) failed with (\S+)\s*$`)
	begins = pattern.New(`^\d+ notice (?:Publishing|Staging) to (\S+)`)
)

// lastLine returns the last whole line of a text.
func lastLine(text []byte) []byte {
	text = bytes.TrimRight(text, "\r\n")
	return text[bytes.LastIndexByte(text, '\n')+1:]
}

// readWaiting reads the line that npm's log ends with; ok is false where npm waits for
// nothing that it tells. pauses are npm's between its tries, nil where not known.
func readWaiting(line []byte, pauses []time.Duration) (w Waiting, ok bool) {
	if m := begins.FindSubmatch(line); m != nil {
		return Waiting{Host: npm.Host(string(m[1])), Upload: true}, true
	}
	m := tried.FindSubmatch(line)
	if m == nil || bytes.HasSuffix(m[2], []byte("/npm")) { // npm asks for a newer npm meanwhile
		return Waiting{}, false
	}
	w = Waiting{Host: npm.Host(string(m[2])), Upload: string(m[1]) != "GET", put: string(m[1]) == "PUT", Failed: string(m[4])}
	w.Try, _ = strconv.Atoi(string(m[3]))
	if pauses == nil {
		return w, true
	}
	if w.Of = len(pauses) + 1; w.Try < 1 || w.Try >= w.Of { // npm tries no more
		return Waiting{}, false
	}
	w.Next = pauses[w.Try-1]
	return w, true
}

// pauses are npm's between the tries of one request, nil where its settings are not
// known (npm-registry-fetch, lib/index.js: retry; retry 0.12, lib/retry.js: timeouts,
// and @gar/promise-retry, lib/index.js, in npm 11 and later).
func pauses(config npmrc.Config) []time.Duration {
	number := func(key string) float64 {
		n, err := strconv.ParseFloat(config["fetch-retr"+key], 64)
		if err != nil {
			return math.NaN()
		}
		return n
	}
	tries, factor, least, most := number("ies"), number("y-factor"), number("y-mintimeout"), number("y-maxtimeout")
	if !(tries >= 0 && tries <= 100 && factor >= 0 && least >= 0 && most >= least) {
		return nil
	}
	all := []time.Duration{}
	for i := range int(tries) {
		ms := math.Min(math.Round(math.Max(least, 1)*math.Pow(factor, float64(i))), most)
		all = append(all, time.Duration(ms)*time.Millisecond)
	}
	slices.Sort(all)
	return all
}

// between tells whether npm, which a signal has ended, was ended in the pause between two
// tries of the upload of which none can have reached the registry: then nothing was under
// way. line is the last of npm's log, and wrote is when npm wrote it; what is left of the
// pause is taken for shorter than it is.
func between(line []byte, wrote time.Time, pauses []time.Duration) bool {
	const doubt = time.Second
	w, ok := readWaiting(line, pauses)
	past := time.Since(wrote)
	return ok && w.put && transcript.Unsent(w.Failed) && past >= 0 && past < w.Next-doubt
}

// cutBetween is between for the log at path.
func (r *Runner) cutBetween(ctx context.Context, path string, a Attempt) bool {
	info, err := os.Stat(path)
	line := lastLine(endOf(path))
	if err != nil || !tried.Match(line) { // before npm may have to be asked
		return false
	}
	return between(line, info.ModTime(), r.pauses(ctx, a))
}

// pauses are those of an attempt.
func (r *Runner) pauses(ctx context.Context, a Attempt) []time.Duration {
	if a.OwnRetries {
		return nil
	}
	return pauses(r.Config(ctx, a.Args))
}

// watchWaits tells a.OnWaiting what npm's log in a folder shows that npm waits for, and
// gives what that makes of it to beside until it is taken, until end is called.
func (r *Runner) watchWaits(ctx context.Context, folder string, a Attempt, beside func(text string) bool) (end func()) {
	if folder == "" || a.OnWaiting == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	w := waitWatch{tail: &logTail{dir: folder}, grew: time.Now(), say: a.OnWaiting}
	w.pauses = sync.OnceValue(func() []time.Duration { return r.pauses(ctx, a) })
	aside := ""
	stop := every(lookForWaits, func() bool {
		if w.look(); w.text != "" && ctx.Err() == nil && beside(w.text) {
			w.text = ""
		}
		if aside == "" && a.Aside != nil {
			aside = a.Aside()
		}
		if aside != "" && beside(aside) {
			aside = ""
		}
		return ctx.Err() == nil
	})
	return func() {
		cancel()
		stop()
		w.tail.file.Close() // also where it is nil
	}
}

// lookForWaits is how often the log is looked at for what npm waits for.
const lookForWaits = 250 * time.Millisecond

// worthTelling is how long npm waits at least where it is told.
const worthTelling = time.Second

// waitWatch is what watchWaits has seen so far.
type waitWatch struct {
	tail   *logTail
	pauses func() []time.Duration
	say    func(Waiting) string
	last   []byte    // the last line
	grew   time.Time // when it was seen
	said   int       // the minutes of silence since that were told
	text   string    // what is still to be shown
}

// look reads on in the log. A silence is told once a minute.
func (w *waitWatch) look() {
	if more := w.tail.next(); len(more) > 0 {
		w.last, w.grew, w.said, w.text = bytes.Clone(lastLine(more)), time.Now(), 0, ""
		if tried.Match(w.last) {
			if now, ok := readWaiting(w.last, w.pauses()); ok && (now.Of == 0 || now.Next >= worthTelling) {
				w.text = w.say(now)
			}
		}
		return
	}
	silent := time.Since(w.grew)
	if silent < time.Minute { // nothing is read for less
		return
	}
	now, ok := readWaiting(w.last, w.pauses())
	silent -= now.Next
	if minutes := int(silent / time.Minute); ok && minutes > w.said {
		w.said = minutes
		w.text = w.say(Waiting{Host: now.Host, Upload: now.Upload, Silent: silent.Truncate(time.Minute)})
	}
}
