package runner

import "safepublish/classify/transcript"

// withoutSecrets returns an error that says the same and quotes no secret: what
// npm would take for a stray word may be a token that was typed behind a flag.
func withoutSecrets(err error, red *transcript.Redactor) error {
	if err == nil || red.Line(err.Error()) == err.Error() {
		return err
	}
	return &redactedError{err, red.Lines(err.Error())}
}

type redactedError struct {
	error
	text string
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.error }
