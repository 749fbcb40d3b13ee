package main

import (
	"bytes"
	"os"
	"path/filepath"
)

// holdsDjango reports whether a folder is a Django project's, or the one above
// it: it holds manage.py or a settings module.
func holdsDjango(dir string) bool {
	for _, pattern := range []string{"manage.py", "*/manage.py"} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) > 0 {
			return true
		}
	}
	for _, pattern := range []string{"settings.py", "*/settings.py", "*/settings/*.py"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range found {
			if text, err := os.ReadFile(path); err == nil && bytes.Contains(text, []byte("INSTALLED_APPS")) {
				return true
			}
		}
	}
	return false
}

// mayBeEmpty reports whether a run that read no statement is fine: the user
// said so, or gave source and no log.
func (f *checkFlags) mayBeEmpty() bool { return f.allowEmpty || len(f.Paths) == 0 }
