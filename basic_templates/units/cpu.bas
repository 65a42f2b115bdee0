
' ==========================================================================================================
'  What the PC is: CPU, FPU, cache, memory
'
'  No x87 instruction is executed to find out: without an FPU, and without an emulator of one, it would end the program.
' ==========================================================================================================

#ifdef __GPT486__
#include once "gpt486.bi"
#endif

Const CPU_FLAG_AC = &h40000                 ' EFLAGS: alignment check, new in the 486
Const CPU_FLAG_ID = &h200000                ' EFLAGS: CPUID exists
Const CPU_STATUS_EM = 4                     ' CR0: x87 instructions are to be emulated

Dim Shared As Long cpu_family               ' 3, 4, 5, ...; 0: not known
Dim Shared As Long cpu_model                ' of CPUID; -1: there is no CPUID
Dim Shared As Long cpu_stepping
Dim Shared As Long cpu_fpu                  ' 1: there is an FPU; 0: there is none, or it is not known
Dim Shared As Long cpu_cache_kb             ' first-level cache for data; 0: none, or not known
Dim Shared As Long cpu_multiplied           ' 1: the CPU runs at a multiple of the bus's clock; 0: not, or not known
Dim Shared As ZString * 13 cpu_vendor       ' of CPUID
Dim Shared As Long cpu_memory_kb            ' extended memory that the program found; 0: not known

#ifdef NO_ASM

' BASIC alone cannot ask the CPU: a 386 is assumed.
Sub cpu_detect()
    cpu_family = 3
    cpu_model = -1
End Sub

#else

{{ kernel("primitives/cpu") }}

' First-level cache of a 486 by its maker and model: 8 KB but for Intel's DX4 and AMD's 5x86 and late DX4s
Function cpu_cache_of_486() As Long
    If cpu_vendor = "GenuineIntel" AndAlso cpu_model >= 8 Then Return 16
    If cpu_vendor = "AuthenticAMD" AndAlso cpu_model >= 14 Then Return 16
    Return 8
End Function

' Whether a 486 runs at a multiple of the bus's clock: Intel's SX2, DX2 and DX4, AMD's DX2, DX4 and 5x86. Those of 1992
' and 1993 have no CPUID, and pass for the others.
Function cpu_multiplies() As Long
    If cpu_vendor = "GenuineIntel" Then
        Select Case cpu_model
        Case 3, 5, 7, 8, 9: Return 1
        End Select
    End If
    If cpu_vendor = "AuthenticAMD" Then
        Select Case cpu_model
        Case 3, 7, 8, 9, 14, 15: Return 1
        End Select
    End If
    Return 0
End Function

' The BIOS's equipment word, which INT 11h would return: bit 1 is set if the BIOS found an FPU.
Function cpu_equipment() As Long
#ifdef __GPT486__
    Return *CPtr(UShort Ptr, &h410)
#else
    Return 0
#endif
End Function

Sub cpu_detect()
    Dim As ULong answer(0 To 3)
    cpu_family = 3
    cpu_model = -1
    If cpu_flag_toggles(CPU_FLAG_AC) <> 0 Then cpu_family = 4
    If cpu_flag_toggles(CPU_FLAG_ID) <> 0 Then
        cpu_identify(0, @answer(0))
        Dim As ULong leaves = answer(0)
        Dim As UByte Ptr letters = CPtr(UByte Ptr, @answer(1))
        For i As Long = 0 To 11
            Dim As Long place = i                   ' ebx, edx, ecx
            If i >= 4 Then place = 12 - (i And 12) + (i And 3)
            cpu_vendor[i] = letters[place]
        Next
        If leaves >= 1 Then
            cpu_identify(1, @answer(0))
            cpu_family = (answer(0) Shr 8) And 15
            cpu_model = (answer(0) Shr 4) And 15
            cpu_stepping = answer(0) And 15
            cpu_fpu = answer(3) And 1
        End If
    End If
    If cpu_model < 0 AndAlso (cpu_equipment() And 2) <> 0 Then
        If (cpu_machine_status() And CPU_STATUS_EM) = 0 Then cpu_fpu = 1
    End If
    If cpu_family = 4 Then cpu_cache_kb = cpu_cache_of_486()
    If cpu_family = 4 Then cpu_multiplied = cpu_multiplies()
    If cpu_family > 4 Then cpu_cache_kb = 8
    If cpu_family > 4 Then cpu_multiplied = 1
#ifdef __GPT486__
    Dim As FB_MEMORY found
    fb_MemoryUse(@found)
    cpu_memory_kb = (found.image + found.bss + found.stack + found.heap + found.free) Shr 10
#endif
End Sub

#endif

Function cpu_name() As String
    If cpu_family < 4 Then Return "386"
    If cpu_family > 4 Then Return "family " + Str(cpu_family) + " CPU"
    If cpu_vendor <> "GenuineIntel" Then Return "486"
    Select Case cpu_model
    Case 0, 1: Return "486DX"
    Case 2: Return "486SX"
    Case 3, 7: Return "486DX2"
    Case 4: Return "486SL"
    Case 5: Return "486SX2"
    Case 8, 9: Return "486DX4"
    End Select
    Return "486"
End Function

' All of it in one line
Function cpu_line() As String
    Dim As String text = cpu_name()
    If cpu_model >= 0 Then
        text += " (" + cpu_vendor + ", model " + Str(cpu_model) + ", stepping " + Str(cpu_stepping) + ")"
    End If
    If cpu_fpu <> 0 Then text += " with FPU" Else text += " without FPU"
    If cpu_multiplied <> 0 Then text += ", faster than its bus"
    If cpu_cache_kb > 0 Then
        text += ", " + Str(cpu_cache_kb) + " KB cache"
        If cpu_model < 0 Then text += " (assumed)"
    End If
    If cpu_memory_kb > 0 Then text += ", " + Str(cpu_memory_kb) + " KB of extended memory"
    Return text
End Function
