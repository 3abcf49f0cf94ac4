// SPDX-License-Identifier: GPL-2.0
/*
 * The data file of a device in debugfs: what open, read, write, seek and close do.
 *
 * The size of the inode follows that of the content, so that programs that look at
 * the size are content. The one change of the size from outside that is honoured is
 * the one to 0, by O_TRUNC or truncate(): debugfs notes it in the inode only, and the
 * content goes at the next use of the file, or when a writer closes it.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "compat.h"
#include "ctl.h"
#include "data.h"
#include "device.h"
#include "parse.h"

/**
 * struct data_file - an open data file
 * @dev: the device; may be gone when the file is closed
 * @reader: what was read last
 */
struct data_file {
	struct swaptbl_device *dev;
	struct swaptbl_reader reader;
};

/* With the lock of the inode, that all changes of the content are made with. */
static int __honour_truncate(struct inode *inode, struct swaptbl_device *dev)
{
	lockdep_assert_held_write(&inode->i_rwsem);
	if (i_size_read(inode) || !swaptbl_data_size(dev))
		return 0;
	return swaptbl_data_truncate(dev);
}

static int lock_inode(struct inode *inode, struct swaptbl_device *dev)
{
	int err;

	if (down_write_killable(&inode->i_rwsem))
		return -EINTR;
	err = __honour_truncate(inode, dev);
	if (err)
		inode_unlock(inode);
	return err;
}

static void unlock_inode(struct inode *inode, struct swaptbl_device *dev)
{
	i_size_write(inode, swaptbl_data_size(dev));
	inode_unlock(inode);
}

static int truncate_first(struct inode *inode, struct swaptbl_device *dev)
{
	int err;

	if (i_size_read(inode))
		return 0;
	err = lock_inode(inode, dev);
	if (!err)
		unlock_inode(inode, dev);
	return err;
}

static ssize_t data_read(struct file *file, char __user *ubuf, size_t len,
			 loff_t *ppos)
{
	struct data_file *data = file->private_data;
	struct swaptbl_device *dev;
	struct iov_iter iter;
	ssize_t ret;

	ret = import_ubuf(ITER_DEST, ubuf, len, &iter);
	if (ret)
		return ret;
	dev = swaptbl_device_get(data->dev->type);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ret = truncate_first(file_inode(file), dev) ?:
	      swaptbl_data_read(dev, &iter, *ppos, &data->reader);
	swaptbl_device_put(dev);
	if (ret > 0)
		*ppos += ret;
	return ret;
}

static ssize_t write_locked(struct file *file, struct swaptbl_device *dev,
			    struct iov_iter *iter, loff_t *ppos)
{
	struct inode *inode = file_inode(file);
	ssize_t ret = lock_inode(inode, dev);

	if (ret)
		return ret;
	if (file->f_flags & O_APPEND)
		*ppos = swaptbl_data_size(dev);
	ret = swaptbl_data_write(dev, iter, *ppos);
	unlock_inode(inode, dev);
	if (ret > 0)
		*ppos += ret;
	return ret;
}

static ssize_t write_pinned(struct file *file, struct iov_iter *iter,
			    loff_t *ppos)
{
	struct data_file *data = file->private_data;
	struct swaptbl_device *dev = swaptbl_device_get(data->dev->type);
	ssize_t ret;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ret = write_locked(file, dev, iter, ppos);
	swaptbl_device_put(dev);
	return ret;
}

static ssize_t data_write(struct file *file, const char __user *ubuf,
			  size_t len, loff_t *ppos)
{
	struct data_file *data = file->private_data;
	struct swaptbl_why why = {};
	struct iov_iter iter;
	char name[16];
	ssize_t ret;

	ret = import_ubuf(ITER_SOURCE, (void __user *)ubuf, len, &iter) ?:
	      write_pinned(file, &iter, ppos);
	if (ret >= 0)
		return ret;
	scnprintf(name, sizeof(name), "dev%u/data", data->dev->type);
	return swaptbl_refuse(name, ret, &why);
}

static loff_t data_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence, MAX_LFS_FILESIZE,
					i_size_read(file_inode(file)));
}

static int data_open(struct inode *inode, struct file *file)
{
	struct data_file *data = kzalloc_obj(*data);

	if (!data)
		return -ENOMEM;
	data->dev = inode->i_private;
	file->private_data = data;
	return 0;
}

static void flush(struct inode *inode, struct swaptbl_device *dev)
{
	if (lock_inode(inode, dev))
		return;
	swaptbl_data_flush(dev);
	unlock_inode(inode, dev);
}

/* Unlike the other operations, this one is not kept from a removed file. */
static int data_release(struct inode *inode, struct file *file)
{
	struct data_file *data = file->private_data;
	struct dentry *dentry = file_dentry(file);
	struct swaptbl_device *dev;

	if ((file->f_mode & FMODE_WRITE) && !debugfs_file_get(dentry)) {
		dev = swaptbl_device_get(data->dev->type);
		if (!IS_ERR(dev)) {
			flush(inode, dev);
			swaptbl_device_put(dev);
		}
		debugfs_file_put(dentry);
	}
	kfree(data);
	return 0;
}

static const struct file_operations data_fops = {
	.owner = THIS_MODULE,
	.open = data_open,
	.read = data_read,
	.write = data_write,
	.llseek = data_llseek,
	.release = data_release,
};

/**
 * swaptbl_data_add() - make the data file of a device
 * @dev: the device, with its directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_data_add(struct swaptbl_device *dev)
{
	debugfs_create_file("data", 0600, dev->dir, dev, &data_fops);
}
