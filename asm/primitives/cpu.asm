;! Function cpu_flag_toggles(ByVal flag As ULong) As Long
;
; Whether a bit of EFLAGS can be changed: not 0 if so. AC (bit 18) came with the 486, ID (bit 21) with CPUID. Neither
; needs a privilege.

        pushfd
        pop eax
        mov ecx, eax
        xor eax, [esp+4]                ; flag
        push eax
        popfd
        pushfd
        pop eax
        push ecx                        ; as it was
        popfd
        xor eax, ecx
        and eax, [esp+4]
        ret

;! Sub cpu_identify(ByVal leaf As ULong, ByVal answer As ULong Ptr)
;
; CPUID's eax, ebx, ecx and edx for a leaf. Only where the ID flag can be changed.

        push ebx
        push edi
        mov eax, [esp+12]               ; leaf
        mov edi, [esp+16]               ; answer
        cpuid
        mov [edi], eax
        mov [edi+4], ebx
        mov [edi+8], ecx
        mov [edi+12], edx
        pop edi
        pop ebx
        ret

;! Function cpu_machine_status() As ULong
;
; The lower half of CR0, which any program may read: bit 1 is MP, bit 2 EM (no FPU to be used), bit 4 ET.

        smsw ax
        and eax, 65535
        ret
