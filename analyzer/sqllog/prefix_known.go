package sqllog

import "strings"

// knownPrefixes are those that hosting services, distributions, log analysers
// and their manuals use (pganalyze keeps such a list too), the commonest first.
var knownPrefixes = []string{
	"%m [%p] ",
	"%m [%p] %q%u@%d ",
	"%m [%p] %u@%d ",
	"%t:%r:%u@%d:[%p]:",
	"%m:%r:%u@%d:[%p]:",
	"%m [%p]: [%l-1] db=%d,user=%u ",
	"%t-%c-",
	"%m-%c-",
	"%t [%p]: user=%u,db=%d,app=%a,client=%h ",
	"%m [%p]: user=%u,db=%d,app=%a,client=%h ",
	"%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
	"%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
	"%m [%p] %q[user=%u,db=%d,app=%a] ",
	"%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ",
	"%m [%p][%v] : [%l-1] %q[app=%a] ",
	"%t [%p-%l] %q%u@%d ",
	"%m [%p-%l] %q%u@%d ",
	"%t [%p]: [%l-1] user=%u,db=%d - PG-%e ",
	"%t [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ",
	"%m %r %u %a [%c] [%p] ",
	"%p-%s-%c-%l-%h-%u-%d-%m ",
	"%m [%p][%b][%v][%x] %q[user=%u,db=%d,app=%a] ",
	"%t [%p] %q%u@%d %h ",
	"%t [%p] %q%u@%d ",
	"%t [%p]: [%l-1] user=%u,db=%d ",
	"%m [%p]: [%l-1] user=%u,db=%d ",
	"pid=%p,user=%u,db=%d,app=%a,client=%h ",
	"%m [%p] %u@%d %a ",
	"%m [%p] %q%u@%d %a ",
	"%t [%p] ",
	"%t [%p]: [%l-1] ",
	"%m [%p]: [%l-1] ",
	"%m [%p] [%l-1] ",
	"[%l-1] [%p][%b][%v][%x] [user=%u,db=%d,app=%a] ",
	" sql_error_code = %e time_ms = \"%m\" pid=\"%p\" proc_start_time=\"%s\" session_id=\"%c\" vtid=\"%v\" tid=\"%x\" log_line=\"%l\" %qdatabase=\"%d\" connection_source=\"%r\" user=\"%u\" application_name=\"%a\" ",
	" sql_error_code = %e ",
	"user=%u,db=%d,app=%a,client=%h ",
	"%m %c %l ",
	"%m %c ",
	"%c %m ",
	"%n [%p] ",
	"%n %p ",
	"%m %p ",
	"%t %p ",
	"%p %m ",
	"%m ",
	"%t ",
	"[%p] ",
	"%p ",
	"",
}

// knownMatchers compiles the list. The caller keeps the result.
func knownMatchers() []*matcher {
	ms := make([]*matcher, 0, len(knownPrefixes))
	for _, t := range knownPrefixes {
		m, err := compile(t)
		if err != nil {
			panic("sqllog: known prefix does not compile: " + strings.TrimSpace(t))
		}
		ms = append(ms, m)
	}
	return ms
}
