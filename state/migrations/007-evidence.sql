-- As JSON, what an attempt that was done left for the report of its run: the stage itself keeps only its latest attempt.
ALTER TABLE history ADD COLUMN evidence TEXT;
