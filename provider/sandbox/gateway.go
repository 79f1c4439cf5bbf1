package sandbox

import "net/http"

// gateway is an answer of something in front of the provider: JSON of its
// own, in one of the forms that are met most. Only a draw decides which.
func gateway(d draw, retryAfter string) answer {
	status := []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusTooManyRequests, http.StatusServiceUnavailable,
	}[d.roll("gateway's status")%5]
	forms := []Choice{NotFoundAWS, NotFoundAzure, NotFoundKong}
	a := gatewayAnswer(forms[d.roll("gateway's form")%uint64(len(forms))], status)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		a.retryAfter = retryAfter
	}
	return a
}

// gatewayAnswer words a status as one of them does.
func gatewayAnswer(form Choice, status int) answer {
	var body any
	switch form {
	case NotFoundAzure:
		body = struct {
			StatusCode int    `json:"statusCode"`
			Message    string `json:"message"`
		}{status, map[int]string{
			http.StatusUnauthorized: "Access denied due to missing subscription key.", http.StatusForbidden: "Forbidden",
			http.StatusNotFound: "Resource not found", http.StatusTooManyRequests: "Rate limit is exceeded.",
			http.StatusServiceUnavailable: "The service is unavailable.",
		}[status]}
	case NotFoundKong:
		body = struct {
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
		}{map[int]string{
			http.StatusUnauthorized: "Unauthorized", http.StatusForbidden: "You cannot consume this service",
			http.StatusNotFound: "no Route matched with those values", http.StatusTooManyRequests: "API rate limit exceeded",
			http.StatusServiceUnavailable: "failure to get a peer from the ring-balancer",
		}[status], "8e1f0a"}
	default: // AWS
		body = struct {
			Message string `json:"message"`
		}{http.StatusText(status)}
	}
	return jsonAnswer(status, body)
}

// notFoundAnswer returns a look-up's answer about a transfer that is not known.
func (s *Sandbox) notFoundAnswer(path string) answer {
	switch s.scenario.NotFound {
	case NotFoundAWS, NotFoundAzure, NotFoundKong:
		return gatewayAnswer(s.scenario.NotFound, http.StatusNotFound)
	case NotFoundPage:
		return htmlAnswer(http.StatusNotFound)
	case NotFoundRoute:
		return v1{}.refusal(&refusal{
			status: http.StatusNotFound, code: codeNotFound, reason: "Route GET:" + path + " not found",
		})
	default:
		return v1{}.refusal(notFound())
	}
}

// switchProtocols answers with 101 and leaves the connection open.
func switchProtocols(w http.ResponseWriter) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "websocket")
	w.WriteHeader(http.StatusSwitchingProtocols)
}

// login sends a caller to a page for people.
func login(w http.ResponseWriter) {
	w.Header().Set("Location", "/login")
	htmlAnswer(http.StatusFound).write(w)
}
