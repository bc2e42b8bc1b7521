"""What leaves: publish, preview, drafts, approvals, recalls."""
