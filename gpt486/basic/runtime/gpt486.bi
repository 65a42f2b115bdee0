' Services of gpt486's own run-time library. Include them under #ifdef __GPT486__: fbc does not have them.

' From now on Ctrl-C only sets a flag (enable <> 0), or ends the program with exit code 130 again (enable = 0).
Declare Sub fb_BreakTrap(ByVal enable As Long)

' Whether Ctrl-C or Ctrl-Break was pressed; asking clears the flag.
Declare Function fb_BreakSeen() As Long
