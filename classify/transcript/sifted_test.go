package transcript_test

import (
	"bytes"
	"reflect"
	"testing"

	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
)

// Nothing that is read of a recorded run stands on a line that Sift leaves out, but for
// the files of the packing list.
func TestSiftLosesNothingOfARecordedRun(t *testing.T) {
	runs, err := recordedtest.Load("../../testdata/transcripts")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		in := r.Input()
		want := transcript.Read(in)
		var b bytes.Buffer
		if err := transcript.Sift(bytes.NewReader(in.Log), func(line []byte) { b.Write(line) }); err != nil {
			t.Fatal(err)
		}
		in.Log = b.Bytes()
		got := transcript.Read(in)
		want.Lines, want.Notices, got.Lines, got.Notices = nil, nil, nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read\n%+v\nwant\n%+v", r.Name(), got, want)
		}
	}
}
