package transcript

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/pattern"
)

// ReadLog reads a debug log alone, as a person saves it. pure says that there was
// nothing else in the file and that it is one run's: only then are its lines
// npm's own beyond doubt (HasLog); a log with other text around it is read, and
// proves nothing. Exit is npm's where the log tells, else -1.
func ReadLog(log []byte, pure bool) Transcript {
	t := Transcript{Exit: -1}
	t.readLog(log)
	t.HasLog = pure && len(t.Lines) > 0
	return older(t.read(nil))
}

// ReadShown reads one run of npm from lines that a terminal or a CI service
// showed. Each line's Text is whole, npm's heading included, and replayed; its From
// is kept as evidence. The status is not known, so Exit is -1.
func ReadShown(lines []Line) Transcript {
	x := text{from: "screen"}
	for _, l := range lines {
		x.lines, x.places = append(x.lines, l.Text), append(x.places, l.From)
	}
	t := Transcript{Exit: -1}
	return older(t.read([]text{x}))
}

var (
	failedPut   = pattern.New(`^publish Failed PUT (\d{3})$`)
	ofPackage   = pattern.New(` : ((?:@[^\s@/]+/)?[^\s@/:]+)$`)
	oldConflict = pattern.New(`^publish fail Cannot publish over existing version`)
)

// older reads what npm 1 to 5 said of a refused upload: "publish Failed PUT 403", and
// the package behind the registry's sentence (npm-registry-client, lib/request.js).
func older(t Transcript) Transcript {
	if !t.Failed || t.Last().Upload.Method != "" {
		return t
	}
	status, name, put := 0, "", t.failedPut()
	if put.Text != "" {
		status = number(failedPut.FindStringSubmatch(put.Text)[1])
		if len(t.Message) == 1 { // the error lines were cut off; the registry's sentence stands before them too
			t.Message = append(t.Message, t.stackErrors()...)
		}
	}
	for _, l := range t.Message {
		if m := ofPackage.FindStringSubmatch(l.Text); m != nil {
			name = m[1]
		}
		if oldConflict.MatchString(l.Text) {
			status = 409
		}
	}
	if m := httpCode.FindStringSubmatch(t.Code); status == 0 && m != nil && name != "" {
		status = number(m[1])
	}
	if status == 0 {
		return t
	}
	return t.olderUpload(name, status, put)
}

// failedPut returns the last line that tells the status of a refused upload.
func (t Transcript) failedPut() Line {
	for _, l := range slices.Backward(t.Lines) {
		if l.Level == "error" && failedPut.MatchString(l.Text) {
			return l
		}
	}
	return Line{}
}

// stackErrors are the errors that the log tells with their stacks.
func (t Transcript) stackErrors() []Line {
	var out []Line
	for _, l := range t.Lines {
		if sentence, ok := strings.CutPrefix(l.Text, "stack Error: "); ok && l.Level == "verbose" {
			out = append(out, Line{l.From, "error", sentence})
		}
	}
	return out
}

func (t Transcript) olderUpload(name string, status int, put Line) Transcript {
	t.Code = cmp.Or(t.Code, fmt.Sprintf("E%d", status))
	if len(t.Packages) == 0 || t.Last().Name == "" {
		t.Packages = append(t.Packages[:max(0, len(t.Packages)-1)], Package{Name: name})
	}
	p := &t.Packages[len(t.Packages)-1]
	p.Upload = Upload{Method: "PUT", Statuses: []int{status}, State: statusState(status, "PUT")}
	if len(t.Message) == 0 && put.Text != "" {
		t.Message = []Line{put}
	}
	return t
}

// ClientReport is what another client than npm, or a tool around npm, says of one refused
// publish. All of it is optional but Lines.
type ClientReport struct {
	Name, Version string
	Code          string // npm's code for it: "E403", "ENEEDAUTH"; "" if it says none
	Status        int    // of the upload; 0 if it says none
	Method, URL   string // of the upload, as the client printed them
	Registry      string // where no URL tells it
	Lines         []Line // its own words
	Hints         []Line // what the text says besides of how it would log in
}

// Transcript returns the run as far as that is known. What became of the upload is
// judged as with npm: a 403 or a 409 may have come to a second attempt.
func (d ClientReport) Transcript() Transcript {
	t := Transcript{Exit: -1, Failed: true, Code: d.Code, Message: d.Lines, Lines: d.Hints, Command: "publish"}
	registry, name := "", ""
	if d.URL != "" {
		registry, name = split(strings.TrimRight(d.URL, "/"))
	}
	p := Package{Name: cmp.Or(d.Name, name), Version: d.Version, Registry: safeURL(cmp.Or(registry, d.Registry))}
	p.Upload.Method, p.Upload.URL = d.Method, safeURL(d.URL)
	if d.Status != 0 {
		p.Upload.Statuses = []int{d.Status}
		p.Upload.State = statusState(d.Status, cmp.Or(d.Method, "PUT"))
	} else if d.Code == "EOTP" {
		p.Upload.State = Refused
	} else if afterSent.MatchString(said(d.Lines)) { // lerna, core/src/lib/run-lifecycle.ts
		p.Upload.State = Accepted
	} else if p.Upload.Method != "" {
		p.Upload.State = Open
	}
	t.Packages = []Package{p}
	return t
}
