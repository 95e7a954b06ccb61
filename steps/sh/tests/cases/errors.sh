echo "${x?gone}" ; echo not reached here
