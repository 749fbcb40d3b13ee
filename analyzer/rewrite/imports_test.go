package rewrite

import (
	"strings"
	"testing"
)

func TestUse(t *testing.T) {
	const module = "django.db.models"
	tests := []struct{ name, in, names, want, local string }{
		{"none", "x = 1\n", "Prefetch", "from django.db.models import Prefetch\n\nx = 1\n", "Prefetch"},
		{"docstring", "\"\"\"Views.\"\"\"\nx = 1\n", "Prefetch", "\"\"\"Views.\"\"\"\n\nfrom django.db.models import Prefetch\nx = 1\n", "Prefetch"},
		{"comment first", "# -*- coding: utf-8 -*-\nx = 1\n", "Prefetch", "# -*- coding: utf-8 -*-\nfrom django.db.models import Prefetch\n\nx = 1\n", "Prefetch"},
		{"future", "from __future__ import annotations\nx = 1\n", "Prefetch", "from __future__ import annotations\nfrom django.db.models import Prefetch\nx = 1\n", "Prefetch"},
		{
			"among django's", "import os\n\nfrom django.core import mail\nfrom django.http import HttpResponse\n\nfrom .models import Book\n", "Prefetch",
			"import os\n\nfrom django.core import mail\nfrom django.db.models import Prefetch\nfrom django.http import HttpResponse\n\nfrom .models import Book\n", "Prefetch",
		},
		{
			"behind django's", "from django.core import mail\n\nfrom .models import Book\n", "Prefetch",
			"from django.core import mail\nfrom django.db.models import Prefetch\n\nfrom .models import Book\n", "Prefetch",
		},
		{"relative only", "from .models import Book\n", "Prefetch", "from django.db.models import Prefetch\n\nfrom .models import Book\n", "Prefetch"},
		{"absolute, then relative", "import os\n\nfrom .models import Book\n", "Prefetch", "import os\nfrom django.db.models import Prefetch\n\nfrom .models import Book\n", "Prefetch"},
		{"extend in order", "from django.db.models import Count, Q\n", "Prefetch", "from django.db.models import Count, Prefetch, Q\n", "Prefetch"},
		{"extend at the end", "from django.db.models import Count  # noqa\n", "Prefetch", "from django.db.models import Count, Prefetch  # noqa\n", "Prefetch"},
		{"extend unordered", "from django.db.models import Q, Count\n", "Prefetch", "from django.db.models import Q, Count, Prefetch\n", "Prefetch"},
		{"extend parenthesised", "from django.db.models import (\n    Count,\n    Q,\n)\n", "Prefetch Sum", "from django.db.models import (\n    Count,\n    Prefetch,\n    Q,\n    Sum,\n)\n", "Prefetch Sum"},
		{"extend brackets in one line", "from django.db.models import (Count, Q)\n", "Sum", "from django.db.models import (Count, Q, Sum)\n", "Sum"},
		{"extend continued", "from django.db.models import Count, \\\n    Q\n", "Sum", "from django.db.models import Count, \\\n    Q, Sum\n", "Sum"},
		{"extend with as", "from django.db.models import Count as C\n", "Sum", "from django.db.models import Count as C, Sum\n", "Sum"},
		{"there", "from django.db.models import Prefetch\n", "Prefetch", "from django.db.models import Prefetch\n", "Prefetch"},
		{"there as", "from django.db.models import Prefetch as P\n", "Prefetch", "from django.db.models import Prefetch as P\n", "P"},
		{"star", "from django.db.models import *\n", "Prefetch", "from django.db.models import *\n", "Prefetch"},
		{"through models", "from django.db import models\n", "Prefetch", "from django.db import models\n", "models.Prefetch"},
		{"models rebound", "from django.db import models\nfrom . import models\n", "Prefetch", "from django.db import models\nfrom django.db.models import Prefetch\nfrom . import models\n", "Prefetch"},
		{"name taken", "from .cache import Prefetch\n", "Prefetch", "from django.db.models import Prefetch as DjangoPrefetch\n\nfrom .cache import Prefetch\n", "DjangoPrefetch"},
		{"keyword is no conflict", "from django.db import transaction\nf(Prefetch=1)\n", "Prefetch", "from django.db import transaction\nfrom django.db.models import Prefetch\nf(Prefetch=1)\n", "Prefetch"},
		{"in a function is not seen", "def f():\n    from django.db.models import Prefetch as X\n", "Count", "from django.db.models import Count\n\ndef f():\n    from django.db.models import Prefetch as X\n", "Count"},
		{"under if is passed over", "import os\nif os:\n    from django.db.models import Count\n", "Sum", "import os\nfrom django.db.models import Sum\nif os:\n    from django.db.models import Count\n", "Sum"},
		{"crlf", "import os\r\nx = 1\r\n", "Sum", "import os\r\nfrom django.db.models import Sum\r\nx = 1\r\n", "Sum"},
		{"mark", "\ufeffimport os\nx = 1\n", "Sum", "\ufeffimport os\nfrom django.db.models import Sum\nx = 1\n", "Sum"},
		{"no line end", "import os", "Sum", "import os\nfrom django.db.models import Sum", "Sum"},
		{"semicolon", "import os; import re\nx = 1\n", "Sum", "from django.db.models import Sum\n\nimport os; import re\nx = 1\n", "Sum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(func(string) []byte { return []byte(tt.in) }, "a.py")
			local, edits, ok := f.use(len(tt.in), module, strings.Fields(tt.names)...)
			if !ok {
				t.Fatal("refused")
			}
			got, err := Apply(f.text, edits)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if s := strings.Join(local, " "); s != tt.local {
				t.Errorf("local %q, want %q", s, tt.local)
			}
			g := open(func(string) []byte { return got }, "a.py")
			if _, again, ok := g.use(len(got), module, strings.Fields(tt.names)...); tt.name != "name taken" && (!ok || len(again) > 0) {
				t.Errorf("a second time: %v %+v", ok, again)
			}
		})
	}
}
