package npm

import "testing"

func TestCheckVariables(t *testing.T) {
	for line, want := range map[string]string{
		"SAFEPUBLISH_MAX_WAIT=90s": "", "SAFEPUBLISH_PLAIN=1": "", "SAFEPUBLISH_UNDER_WAY=/a": "", "SAFEPUBLISH=/usr/bin/safepublish": "", "SAFEPUBLISH_NOINPUT=": "",
		"SAFEPUBLISH_MAXWAIT=90s":      "there is no variable SAFEPUBLISH_MAXWAIT; did you mean SAFEPUBLISH_MAX_WAIT?",
		"SAFEPUBLISH_SKIP_EXISTNG=1":   "there is no variable SAFEPUBLISH_SKIP_EXISTNG; did you mean SAFEPUBLISH_SKIP_EXISTING?",
		"SAFEPUBLISH_OTP_COMAND=op":    "there is no variable SAFEPUBLISH_OTP_COMAND; did you mean SAFEPUBLISH_OTP_COMMAND?",
		"SAFEPUBLISH_FIX=bump":         "there is no variable SAFEPUBLISH_FIX; unset it; safepublish help names the options",
		"SAFEPUBLISH_SOMETHING_ELSE=1": "there is no variable SAFEPUBLISH_SOMETHING_ELSE; unset it; safepublish help names the options",
	} {
		got := ""
		if err := CheckVariables([]string{"PATH=/bin", line}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}
