// The help centre. Everything here is an addition: each page works without it.
import "./help-search.js";
import "./help-article.js";
import "./help-suggest.js";
