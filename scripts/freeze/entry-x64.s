# Where a run of the image begins, on x86-64. The kernel has mapped the file and made a stack; this makes the
# process what the frozen one was, and continues in it with the stack pointer as the answer of the system call
# that it was frozen in. "npm run generate" assembles it into entry-x64.json, with each instruction beside its
# bytes. Behind it is the table that entry.ts fills: offsets are in struct order there.

	.intel_syntax noprefix
	.set SYS_write, 1
	.set SYS_rt_sigaction, 13
	.set SYS_arch_prctl, 158
	.set SYS_exit_group, 231
	.set ARCH_SET_FS, 0x1002
	.set SIG_IGN, 1

	# struct kernel_sigaction: handler, flags, restorer, mask; then signal numbers up to a 0.
	.set ACTION, 128
	.set SIGNALS, 160
	.set LENGTH, 168
	.set MESSAGE, 176

entry:
	mov	r15, rsp
	lea	r14, [rip + table]
	sub	rsp, 64
	lea	r13, [r14 + SIGNALS]

# A fault is to end in one line. Whoever ignored such a signal still ignores it, and so will prog.
each_signal:
	movzx	ebx, byte ptr [r13]
	test	ebx, ebx
	je	resume
	mov	edi, ebx
	lea	rsi, [r14 + ACTION]
	mov	rdx, rsp
	mov	r10d, 8
	mov	eax, SYS_rt_sigaction
	syscall
	cmp	qword ptr [rsp], SIG_IGN
	jne	next_signal
	mov	edi, ebx
	mov	rsi, rsp
	xor	edx, edx
	mov	eax, SYS_rt_sigaction
	syscall
next_signal:
	inc	r13
	jmp	each_signal

# The thread pointer, then every register that a system call leaves alone; rcx and r11 are the kernel's.
resume:
	mov	edi, ARCH_SET_FS
	mov	rsi, [r14]
	mov	eax, SYS_arch_prctl
	syscall
	mov	rax, r15
	mov	r11, r14
	mov	rsp, [r11 + 8]
	mov	rbx, [r11 + 16]
	mov	rbp, [r11 + 24]
	mov	rdi, [r11 + 32]
	mov	rsi, [r11 + 40]
	mov	rdx, [r11 + 48]
	mov	r8, [r11 + 56]
	mov	r9, [r11 + 64]
	mov	r10, [r11 + 72]
	mov	r12, [r11 + 80]
	mov	r13, [r11 + 88]
	mov	r14, [r11 + 96]
	mov	r15, [r11 + 104]
	jmp	[r11 + 112]

# A defect, or no memory left: say so, and end.
handler:
	lea	r14, [rip + table]
	mov	edi, 2
	lea	rsi, [r14 + MESSAGE]
	mov	edx, [r14 + LENGTH]
	mov	eax, SYS_write
	syscall
	mov	edi, 111
	mov	eax, SYS_exit_group
	syscall

	.balign	16
table:
