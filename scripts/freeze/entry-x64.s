# Where a run of the image begins, on x86-64, and what puts missing pages in their place. The kernel has mapped
# the file and made a stack. This makes the process what the frozen one was, and continues in it with the stack
# pointer as the answer of the system call that it was frozen in. "npm run generate" assembles it into
# entry-x64.json, each instruction beside its bytes. Behind it is the table, which entry.ts fills.

	.intel_syntax noprefix
	.set SYS_write, 1
	.set SYS_mmap, 9
	.set SYS_mprotect, 10
	.set SYS_rt_sigaction, 13
	.set SYS_rt_sigprocmask, 14
	.set SYS_rt_sigreturn, 15
	.set SYS_mremap, 25
	.set SYS_arch_prctl, 158
	.set SYS_exit_group, 231
	.set ARCH_SET_FS, 0x1002
	.set SIG_IGN, 1
	.set SIGSEGV, 11
	.set SEGV_ACCERR, 2
	.set SI_ADDR, 16
	.set CONTEXT_RIP, 168
	.set PROT_READ_WRITE, 3
	.set MAP_PRIVATE_ANONYMOUS_FIXED, 0x32
	.set MREMAP_MAYMOVE_FIXED, 3
	.set PAGE_SHIFT, 12

	# The table. ACTION is a struct sigaction as the kernel has it.
	.set ACTION, 0
	.set SIGNALS, 32
	.set MESSAGE_SIZE, 40
	.set PIECE_COUNT, 44
	.set MESSAGE, 48
	.set CODE_STORE, 56
	.set STATE_STORE, 64
	.set PACKED_STORE, 72
	.set LAST, 80
	.set REGISTERS, 88
	.set PIECES, 280

	# A piece: its first page, where its contents are (a page of a store, a byte of the packed one), how many
	# pages it has, its kind, its protection.
	.set P_PAGE, 0
	.set P_SOURCE, 4
	.set P_PAGES, 8
	.set P_KIND, 10
	.set P_PROTECTION, 11
	.set P_SIZE, 12
	.set ZERO, 0
	.set CODE, 1
	.set STATE, 2
	# So many pages of zeros are mapped at a time, aligned to as many.
	.set ZERO_PAGES, 16

entry:
	mov	r15, rsp
	lea	r14, [rip + table]
	sub	rsp, 64
	# Whether all pieces are put in their place now, because no SIGSEGV would be delivered.
	xor	r12d, r12d
	lea	r13, [r14 + SIGNALS]

# Whoever ignored such a signal still ignores it, and so will prog.
each_signal:
	movzx	ebx, byte ptr [r13]
	test	ebx, ebx
	je	blocked
	mov	edi, ebx
	lea	rsi, [r14 + ACTION]
	mov	rdx, rsp
	mov	r10d, 8
	mov	eax, SYS_rt_sigaction
	syscall
	test	eax, eax
	jne	no_handler
	cmp	qword ptr [rsp], SIG_IGN
	jne	next_signal
	mov	edi, ebx
	mov	rsi, rsp
	xor	edx, edx
	mov	eax, SYS_rt_sigaction
	syscall
no_handler:
	cmp	ebx, SIGSEGV
	jne	next_signal
	inc	r12d
next_signal:
	inc	r13
	jmp	each_signal

blocked:
	xor	edi, edi
	xor	esi, esi
	mov	rdx, rsp
	mov	r10d, 8
	mov	eax, SYS_rt_sigprocmask
	syscall
	bt	dword ptr [rsp], SIGSEGV - 1
	adc	r12d, 0
	je	resume

# Each piece as a whole.
	lea	r13, [r14 + PIECES]
	mov	ebp, [r14 + PIECE_COUNT]
each_piece:
	sub	ebp, 1
	jc	resume
	mov	ebx, [r13 + P_PAGE]
	movzx	r12d, word ptr [r13 + P_PAGES]
	call	place
	add	r13, P_SIZE
	jmp	each_piece

# The thread pointer, and what a called function leaves alone: the System V ABI.
resume:
	mov	edi, ARCH_SET_FS
	mov	rsi, [r14 + REGISTERS]
	mov	eax, SYS_arch_prctl
	syscall
	mov	rax, r15
	mov	r11, r14
	mov	rsp, [r11 + REGISTERS + 8]
	mov	rbx, [r11 + REGISTERS + 16]
	mov	rbp, [r11 + REGISTERS + 24]
	mov	r12, [r11 + REGISTERS + 32]
	mov	r13, [r11 + REGISTERS + 40]
	mov	r14, [r11 + REGISTERS + 48]
	mov	r15, [r11 + REGISTERS + 56]
	jmp	[r11 + REGISTERS + 64]

# handler(signal, siginfo, context): a page is missing, or this is the end. All registers are the kernel's to
# restore.
handler:
	lea	r14, [rip + table]
	# For the message: where it happened, and si_addr.
	mov	r15, [rdx + CONTEXT_RIP]
	mov	rbp, [rsi + SI_ADDR]
	cmp	edi, SIGSEGV
	jne	defect
	# Only si_code SEGV_MAPERR and SEGV_ACCERR are about an address: si_addr.
	mov	eax, [rsi + 8]
	dec	eax
	cmp	eax, SEGV_ACCERR
	jae	defect
	mov	rbx, rbp
	shr	rbx, PAGE_SHIFT
	mov	rax, rbx
	shr	rax, 32
	jne	defect
# A page that is missed again, when it has just been put in its place, would be missed forever.
	mov	rax, [r14 + LAST]
	cmp	ebx, [rax]
	je	defect
	mov	[rax], ebx

# The first piece that ends behind the page, by halves: from r8 up to r9.
	xor	r8d, r8d
	mov	r9d, [r14 + PIECE_COUNT]
search:
	cmp	r8d, r9d
	jae	found
	lea	ecx, [r8 + r9]
	shr	ecx, 1
	lea	eax, [rcx + rcx * 2]
	lea	r13, [r14 + rax * 4 + PIECES]
	movzx	eax, word ptr [r13 + P_PAGES]
	add	eax, [r13 + P_PAGE]
	cmp	eax, ebx
	ja	before
	lea	r8d, [rcx + 1]
	jmp	search
before:
	mov	r9d, ecx
	jmp	search
found:
	cmp	r8d, [r14 + PIECE_COUNT]
	jae	defect
	lea	eax, [r8 + r8 * 2]
	lea	r13, [r14 + rax * 4 + PIECES]
	cmp	ebx, [r13 + P_PAGE]
	jb	defect
	movzx	r12d, word ptr [r13 + P_PAGES]
	cmp	byte ptr [r13 + P_KIND], ZERO
	je	zeros
	mov	ebx, [r13 + P_PAGE]
	call	place
	ret

# Of zeros, the chunk that the page is in, as far as the piece goes.
zeros:
	and	ebx, -ZERO_PAGES
	lea	ecx, [rbx + ZERO_PAGES]
	mov	eax, [r13 + P_PAGE]
	add	r12d, eax
	cmp	ebx, eax
	cmovb	ebx, eax
	cmp	ecx, r12d
	cmova	ecx, r12d
	mov	r12d, ecx
	sub	r12d, ebx
	call	place
	ret

# Put pages of the piece at r13 in their place: from page ebx on, r12d of them. That there is no memory is the end.
# Something may be there: qemu-user reserves all that lies between the segments.
place:
	shl	rbx, PAGE_SHIFT
	shl	r12, PAGE_SHIFT
	mov	eax, [r13 + P_SOURCE]
	movzx	ecx, byte ptr [r13 + P_KIND]
	cmp	ecx, CODE
	je	move_code
	cmp	ecx, STATE
	je	move_state

# Zeros, or what is packed: into memory of its own.
	mov	rdi, rbx
	mov	rsi, r12
	mov	edx, PROT_READ_WRITE
	mov	r10d, MAP_PRIVATE_ANONYMOUS_FIXED
	mov	r8, -1
	xor	r9d, r9d
	mov	eax, SYS_mmap
	syscall
	cmp	rax, rbx
	jne	defect
	cmp	byte ptr [r13 + P_KIND], ZERO
	je	placed
	mov	esi, [r13 + P_SOURCE]
	add	rsi, [r14 + PACKED_STORE]
	mov	rdi, rbx
	lea	r8, [rbx + r12]
	call	unpack
	movzx	edx, byte ptr [r13 + P_PROTECTION]
	cmp	edx, PROT_READ_WRITE
	je	placed
	mov	rdi, rbx
	mov	rsi, r12
	mov	eax, SYS_mprotect
	syscall
	test	rax, rax
	jne	defect
placed:
	ret

# What lies in a store is moved, and so is in memory only once.
move_code:
	mov	rdi, [r14 + CODE_STORE]
	jmp	move
move_state:
	mov	rdi, [r14 + STATE_STORE]
move:
	shl	rax, PAGE_SHIFT
	add	rdi, rax
	mov	rsi, r12
	mov	rdx, r12
	mov	r10d, MREMAP_MAYMOVE_FIXED
	mov	r8, rbx
	mov	eax, SYS_mremap
	syscall
	cmp	rax, rbx
	jne	defect
	ret

# An LZ4 block: from rsi to rdi, where r8 is the end. A sequence is a token, literals, and a match behind them.
unpack:
	movzx	eax, byte ptr [rsi]
	inc	rsi
	mov	ecx, eax
	shr	ecx, 4
	cmp	ecx, 15
	jne	literals
more_literals:
	movzx	edx, byte ptr [rsi]
	inc	rsi
	add	ecx, edx
	cmp	edx, 255
	je	more_literals
literals:
	rep movsb
	cmp	rdi, r8
	jae	placed
	movzx	edx, word ptr [rsi]
	add	rsi, 2
	and	eax, 15
	mov	ecx, eax
	cmp	ecx, 15
	jne	match
more_match:
	movzx	eax, byte ptr [rsi]
	inc	rsi
	add	ecx, eax
	cmp	eax, 255
	je	more_match
match:
	add	ecx, 4
	mov	r9, rsi
	mov	rsi, rdi
	sub	rsi, rdx
	rep movsb
	mov	rsi, r9
	jmp	unpack

# Say that it is a defect, where it happened and for which address, and end. The text is copied behind this frame,
# since what is mapped there is needed no more.
defect:
	mov	rsi, [r14 + MESSAGE]
	mov	ecx, [r14 + MESSAGE_SIZE]
	lea	rdi, [rsp - 1024]
	mov	rbx, rdi
	rep movsb
	mov	rax, r15
	call	hexadecimal
	mov	byte ptr [rdi], ' '
	inc	rdi
	mov	rax, rbp
	call	hexadecimal
	mov	byte ptr [rdi], '\n'
	inc	rdi
	mov	rdx, rdi
	sub	rdx, rbx
	mov	rsi, rbx
	mov	edi, 2
	mov	eax, SYS_write
	syscall
	mov	edi, 111
	mov	eax, SYS_exit_group
	syscall

# Append rax to the text at rdi, in 16 digits.
hexadecimal:
	mov	ecx, 16
digit:
	rol	rax, 4
	mov	edx, eax
	and	edx, 15
	cmp	edx, 10
	jb	decimal
	add	edx, 'a' - '0' - 10
decimal:
	add	edx, '0'
	mov	[rdi], dl
	inc	rdi
	dec	ecx
	jne	digit
	ret

restorer:
	mov	eax, SYS_rt_sigreturn
	syscall

	.balign	16
table:
