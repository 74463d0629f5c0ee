"""Cases from published studies: read, run and graded; the library's and anybody else's alike."""
