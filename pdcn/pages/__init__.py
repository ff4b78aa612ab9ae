"""The pages: one folder a subject, each with what it works out (`work`), draws (`figures`) and shows (`page`)."""
