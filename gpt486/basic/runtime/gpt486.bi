' Services of gpt486's own run-time library. Include them under #ifdef __GPT486__: fbc does not have them.

' From now on Ctrl-C only sets a flag (enable <> 0), or ends the program with exit code 130 again (enable = 0).
Declare Sub fb_BreakTrap(ByVal enable As Long)

' Whether Ctrl-C or Ctrl-Break was pressed; asking clears the flag.
Declare Function fb_BreakSeen() As Long

' What the program takes of the PC's memory, in bytes.
Type FB_MEMORY
	below As ULong		' below 1 MB: DOS's record of the program, the start-up's stub, stack and transfer buffer
	image As ULong		' code and data
	bss As ULong		' Dim Shared and Static without an initial value
	stack As ULong
	heap As ULong		' handed out by Allocate, and Strings, now
	heap_peak As ULong	' the most of it at any time
	free As ULong		' extended memory that is left for the heap
End Type

' `into` is the address of an FB_MEMORY.
Declare Sub fb_MemoryUse(ByVal into As Any Ptr)
