"""How each program under comparison is started, set up as well as its documentation allows."""
